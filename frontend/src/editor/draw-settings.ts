import { CROSSHAIR, type Crosshair } from "./crosshair";
import { Signal } from "./signal";

/** How annotations are drawn, by hand and on the screen: set by the user, kept from image to image. */
export interface DrawSettings {
  /** Of the brush and the eraser, in whole pixels of the image. */
  readonly diameter: Signal<number>;
  /** What is drawn takes only pixels that no annotation has. */
  readonly isUnderneath: Signal<boolean>;
  /** Vertices are drawn to those, and to the edges, of neighbours. */
  readonly snaps: Signal<boolean>;
  /** How strongly annotations are filled, from 0 to 1. */
  readonly opacity: Signal<number>;
  /** Each annotation has a colour of its own instead of its category's. */
  readonly isByInstance: Signal<boolean>;
  readonly crosshair: Signal<Crosshair>;
  /** A pen was seen since the page was opened: fingers leave the drawing to it. */
  readonly hasPen: Signal<boolean>;
  /** The harder a pen presses, the wider the brush, up to its diameter. */
  readonly isByPressure: Signal<boolean>;
}

export const OPACITY = 0.3;

export const DIAMETER = 24;
export const NARROWEST = 1;
export const WIDEST = 1000;

export function drawSettings(): DrawSettings {
  return {
    diameter: new Signal(DIAMETER),
    isUnderneath: new Signal(false),
    snaps: new Signal(true),
    opacity: new Signal(OPACITY),
    isByInstance: new Signal(false),
    crosshair: new Signal(CROSSHAIR),
    hasPen: new Signal(false),
    isByPressure: new Signal(false),
  };
}

/** A diameter one step wider (1) or narrower (-1): by a fifth, and at least by a pixel. */
export function stepped(diameter: number, step: 1 | -1): number {
  const next = step === 1 ? Math.ceil(diameter * 1.2) : Math.floor(diameter / 1.2);
  return Math.min(Math.max(next, NARROWEST), WIDEST);
}
