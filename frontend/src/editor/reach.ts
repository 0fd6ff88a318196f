import { clamp, distance, type Point } from "../geometry/points";
import type { PointerStep } from "./gesture";

/** Half of the 44 px that a target for fingers should have. */
const FINGER = 22;

/** How near the pointer must be, in screen pixels: a finger covers what it means. */
export interface Reach {
  readonly pointer: number;
  readonly finger: number;
}

export function reach(pointer: number, finger = FINGER): Reach {
  return { pointer, finger };
}

/**
 * How near the pointer must be, in image pixels.
 *
 * @param room how large the thing is, in image pixels: a finger's reach takes a third of it at most, so that something
 *   is left of a small one to be taken hold of otherwise
 */
export function reachOf(
  { isFinger, unitsPerPixel }: PointerStep,
  { pointer, finger }: Reach,
  room = Number.POSITIVE_INFINITY,
): number {
  const least = pointer * unitsPerPixel;
  return isFinger ? clamp(room / 3, least, finger * unitsPerPixel) : least;
}

export function isNear(a: Point | undefined, step: PointerStep, near: Reach): boolean {
  return a !== undefined && distance(a, step.point) <= reachOf(step, near);
}

/** Whether the pointer is at the first point of an outline that is drawn. */
export function closesAt(points: readonly Point[], step: PointerStep, near: Reach): boolean {
  const [first] = points;
  if (!first) return false;
  const room = points.reduce((most, point) => Math.max(most, distance(first, point)), 0);
  return distance(first, step.point) <= reachOf(step, near, room);
}
