import MouseWheelZoom from "ol/interaction/MouseWheelZoom";
import type OlMap from "ol/Map";
import type MapBrowserEvent from "ol/MapBrowserEvent";

const ANIMATION_MS = 140;

/** How long the view takes to get anywhere; no time where the user asked the system for less motion. */
export function motionMs(): number {
  const isReduced = window.matchMedia?.("(prefers-reduced-motion: reduce)").matches ?? false;
  return isReduced ? 0 : ANIMATION_MS;
}

/** The wheel zooms about the pointer, smoothly or at once: looked up at each turn, for the wish may change meanwhile. */
export class WheelZoom extends MouseWheelZoom {
  private readonly atOnce = new MouseWheelZoom({ duration: 0, timeout: 40 });

  constructor() {
    super({ duration: ANIMATION_MS, timeout: 40 });
  }

  override setMap(map: OlMap | null): void {
    super.setMap(map);
    this.atOnce.setMap(map);
  }

  override handleEvent(event: MapBrowserEvent): boolean {
    return motionMs() === 0 ? this.atOnce.handleEvent(event) : super.handleEvent(event);
  }
}
