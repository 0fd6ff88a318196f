import { clamp, type Point, type Size } from "./points";

/** Corners [x0, y0, x1, y1], half-open, x0 <= x1 and y0 <= y1. */
export type BoxXYXY = readonly [x0: number, y0: number, x1: number, y1: number];

/** COCO's [x, y, width, height]: what is stored and sent. */
export type BboxXYWH = readonly [x: number, y: number, width: number, height: number];

export function boxFromCorners(a: Point, b: Point): BoxXYXY {
  return [Math.min(a[0], b[0]), Math.min(a[1], b[1]), Math.max(a[0], b[0]), Math.max(a[1], b[1])];
}

export function toXYWH([x0, y0, x1, y1]: BoxXYXY): BboxXYWH {
  return [x0, y0, x1 - x0, y1 - y0];
}

export function toXYXY([x, y, width, height]: BboxXYWH): BoxXYXY {
  return [x, y, x + width, y + height];
}

export function boxHasPoint([x0, y0, x1, y1]: BoxXYXY, [x, y]: Point, margin = 0): boolean {
  return x >= x0 - margin && x <= x1 + margin && y >= y0 - margin && y <= y1 + margin;
}

export function boxHasBox(outer: BoxXYXY, inner: BoxXYXY): boolean {
  return (
    inner[0] >= outer[0] && inner[1] >= outer[1] && inner[2] <= outer[2] && inner[3] <= outer[3]
  );
}

export function boxCorners([x0, y0, x1, y1]: BoxXYXY): Point[] {
  return [
    [x0, y0],
    [x1, y0],
    [x1, y1],
    [x0, y1],
  ];
}

/** The part of (dx, dy) by which a box may move and stay in the image: moving never deforms. */
export function clampMove(
  box: BoxXYXY,
  [dx, dy]: Point,
  { width, height }: Size,
): readonly [number, number] {
  return [clamp(dx, -box[0], width - box[2]), clamp(dy, -box[1], height - box[3])];
}
