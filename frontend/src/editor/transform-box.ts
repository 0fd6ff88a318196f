import type { BoxXYXY } from "../geometry/boxes";
import { clamp, distance, type Point } from "../geometry/points";
import type { PointerStep } from "./gesture";
import { reach, reachOf } from "./reach";

/** What can be taken hold of: a place of the box, from -1 to 1 along its sides, or the knob that turns it. */
export type Handle =
  | { readonly kind: "scale"; readonly x: -1 | 0 | 1; readonly y: -1 | 0 | 1 }
  | { readonly kind: "turn" };

/** How near a handle the pointer must be, how far the knob is from the box, and where a side is too short, in screen pixels. */
const REACH = reach(8);
const KNOB = 26;
const SHORT = 36;
const MIN_SIDE = 1;
const SIDES = [-1, 0, 1] as const;

/** A place of a box, from -1 to 1 along its sides. */
export function placeOf([x0, y0, x1, y1]: BoxXYXY, x: number, y: number): Point {
  return [x0 + ((x + 1) / 2) * (x1 - x0), y0 + ((y + 1) / 2) * (y1 - y0)];
}

/** The handles on the box at a scale: none in the middle of a side where there is no room for it. */
export function handlesOf(box: BoxXYXY, unitsPerPixel: number): { handle: Handle; at: Point }[] {
  const room = SHORT * unitsPerPixel;
  const [isNarrow, isLow] = [box[2] - box[0] < room, box[3] - box[1] < room];
  return SIDES.flatMap((y) =>
    SIDES.flatMap((x) => {
      const isLeftOut = (x === 0 && (y === 0 || isNarrow)) || (y === 0 && isLow);
      return isLeftOut
        ? []
        : [{ handle: { kind: "scale" as const, x, y }, at: placeOf(box, x, y) }];
    }),
  );
}

/** Where the knob is: above the box, and where the image has no room there below it, or within. */
export function knobOf(box: BoxXYXY, unitsPerPixel: number, height: number): Point {
  const away = KNOB * unitsPerPixel;
  const [x, y0] = placeOf(box, 0, -1);
  const y1 = box[3];
  if (y0 - away >= 0) return [x, y0 - away];
  return [x, y1 + away <= height ? y1 + away : y0 + away];
}

export function cursorOf(handle: Handle): string {
  if (handle.kind === "turn") return "grab";
  if (handle.x === 0) return "ns-resize";
  if (handle.y === 0) return "ew-resize";
  return handle.x === handle.y ? "nwse-resize" : "nesw-resize";
}

/** A factor along one axis that leaves a side of one pixel, and the box within the image. */
export function limited(
  factor: number,
  about: number,
  low: number,
  high: number,
  size: number,
): number {
  const most = Math.min(
    about > low ? about / (about - low) : Number.POSITIVE_INFINITY,
    high > about ? (size - about) / (high - about) : Number.POSITIVE_INFINITY,
  );
  return clamp(factor, Math.min(MIN_SIDE / (high - low), 1), Math.max(most, 1));
}

/** The handle at a point, if one is within reach; the knob goes before one of the box that is as near. */
export function handleIn(box: BoxXYXY, step: PointerStep, height: number): Handle | null {
  const { point, unitsPerPixel } = step;
  let found: Handle | null = null;
  let closest = reachOf(step, REACH, Math.min(box[2] - box[0], box[3] - box[1]));
  for (const { handle, at } of handlesOf(box, unitsPerPixel)) {
    const away = distance(at, point);
    if (away <= closest) [closest, found] = [away, handle];
  }
  const toKnob = distance(knobOf(box, unitsPerPixel, height), point);
  // Two handles cannot both be within the reach of a mouse, but where the knob lies in the box.
  const isTurn = toKnob <= (step.isFinger ? closest : reachOf(step, REACH));
  return isTurn ? { kind: "turn" } : found;
}
