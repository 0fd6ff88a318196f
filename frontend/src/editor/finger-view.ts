import PointerInteraction from "ol/interaction/Pointer";
import type OlMap from "ol/Map";
import type MapBrowserEvent from "ol/MapBrowserEvent";
import type { Point } from "../geometry/points";
import { distance } from "../geometry/points";
import type { Contacts } from "./contacts";
import { stepToMap } from "./coordinates";

/** Where some fingers are: their middle, and how far they are from it. */
interface Grip {
  readonly count: number;
  readonly middle: Point;
  readonly spread: number;
}

function gripOf(points: readonly Point[]): Grip | null {
  const count = points.length;
  if (count === 0) return null;
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / count;
  const middle: Point = [mean(points.map(([x]) => x)), mean(points.map(([, y]) => y))];
  return { count, middle, spread: mean(points.map((point) => distance(point, middle))) };
}

/** Fingers move and zoom the view, two of them in every tool: what is under them stays under them. */
export class FingerView extends PointerInteraction {
  private last: Grip | null = null;

  constructor(private readonly contacts: Contacts) {
    super({ stopDown: () => false });
  }

  override handleEvent(event: MapBrowserEvent): boolean {
    // OpenLayers also hands on wheels and keys.
    if (event.originalEvent instanceof PointerEvent) this.contacts.note(event.originalEvent);
    return super.handleEvent(event);
  }

  override handleDownEvent({ map }: MapBrowserEvent): boolean {
    this.last = this.grip(map);
    if (!this.last) return false;
    map.getView().cancelAnimations();
    return true;
  }

  override handleDragEvent({ map }: MapBrowserEvent): void {
    const now = this.grip(map);
    const { last } = this;
    this.last = now;
    // A finger more or less: the middle leaps, but nothing was moved.
    if (!now || last?.count !== now.count) return;
    const view = map.getView();
    const [width = 0, height = 0] = map.getSize() ?? [];
    const fromCentre = ([x, y]: Point) =>
      stepToMap([x - width / 2, y - height / 2], view.getResolution() ?? 1) as [number, number];
    const [x, y] = view.getCenter() as [number, number];
    const [dx, dy] = fromCentre(last.middle);
    const ratio = now.spread > 0 && last.spread > 0 ? last.spread / now.spread : 1;
    view.setResolution((view.getResolution() ?? 1) * ratio);
    const [toX, toY] = fromCentre(now.middle);
    view.setCenter([x + dx - toX, y + dy - toY]);
  }

  override handleUpEvent(): boolean {
    this.last = null;
    return this.contacts.areMovingView;
  }

  private grip(map: OlMap): Grip | null {
    const movers = this.contacts.movers(this.targetPointers);
    return gripOf(movers.map((pointer) => map.getEventPixel(pointer) as [number, number]));
  }
}
