/** A point of the image: x right, y down, in pixels. Pixel (row i, column j) is [j, j+1) × [i, i+1). */
export type Point = readonly [x: number, y: number];

/** Width and height of an image in pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Pointer positions are kept on a grid of 1/64 px: finer than a hand, and exact in binary floating point. */
const STEPS_PER_PIXEL = 64;

export function quantise(value: number): number {
  return Math.round(value * STEPS_PER_PIXEL) / STEPS_PER_PIXEL;
}

export function quantisePoint([x, y]: Point): Point {
  return [quantise(x), quantise(y)];
}

export function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}

/** The nearest point of [0, W] × [0, H]: a border vertex lies at W, not at W - 1. */
export function clampPoint([x, y]: Point, { width, height }: Size): Point {
  return [clamp(x, 0, width), clamp(y, 0, height)];
}

export function distance(a: Point, b: Point): number {
  return Math.hypot(a[0] - b[0], a[1] - b[1]);
}

/** The point of the segment a–b that is nearest to p. */
export function nearestOnSegment(p: Point, a: Point, b: Point): Point {
  const dx = b[0] - a[0];
  const dy = b[1] - a[1];
  const lengthSquared = dx * dx + dy * dy;
  if (lengthSquared === 0) return a;
  const t = clamp(((p[0] - a[0]) * dx + (p[1] - a[1]) * dy) / lengthSquared, 0, 1);
  return [a[0] + t * dx, a[1] + t * dy];
}
