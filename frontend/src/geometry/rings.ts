import { distance, nearestOnSegment, type Point } from "./points";

/** A closed ring, flat as on the wire: [x0, y0, x1, y1, …]; the last vertex joins the first. */
export type Ring = readonly number[];

export const MIN_VERTICES = 3;

export function vertexCount(ring: Ring): number {
  return ring.length >> 1;
}

/** Vertex `index`, counted round the ring: -1 is the last one. */
export function vertexAt(ring: Ring, index: number): Point {
  const count = vertexCount(ring);
  const at = (((index % count) + count) % count) * 2;
  return [ring[at] as number, ring[at + 1] as number];
}

export function ringFromPoints(points: readonly Point[]): Ring {
  return points.flat();
}

/** Shoelace: positive when the ring runs clockwise on the screen (y down). */
export function signedArea(ring: Ring): number {
  let twice = 0;
  for (let i = 0, n = vertexCount(ring); i < n; i++) {
    const [x0, y0] = vertexAt(ring, i);
    const [x1, y1] = vertexAt(ring, i + 1);
    twice += x0 * y1 - x1 * y0;
  }
  return twice / 2;
}

/**
 * Does a ray from the point cross the ring an odd number of times?
 *
 * Half-open in both directions: a point on a left or top edge is inside, on a right or bottom edge outside, so a
 * point on the border of two abutting rings is in exactly one of them.
 */
export function ringHasPoint(ring: Ring, [x, y]: Point): boolean {
  let inside = false;
  for (let i = 0, n = vertexCount(ring); i < n; i++) {
    const [x0, y0] = vertexAt(ring, i);
    const [x1, y1] = vertexAt(ring, i + 1);
    if (y0 > y !== y1 > y && x < ((x1 - x0) * (y - y0)) / (y1 - y0) + x0) inside = !inside;
  }
  return inside;
}

/** A place on a ring's edge: `index` is the vertex that the edge starts from. */
export interface EdgePlace {
  readonly index: number;
  readonly point: Point;
  readonly distance: number;
}

export function nearestEdge(ring: Ring, point: Point): EdgePlace {
  let best: EdgePlace = { index: 0, point: vertexAt(ring, 0), distance: Number.POSITIVE_INFINITY };
  for (let index = 0, n = vertexCount(ring); index < n; index++) {
    const on = nearestOnSegment(point, vertexAt(ring, index), vertexAt(ring, index + 1));
    const away = distance(point, on);
    if (away < best.distance) best = { index, point: on, distance: away };
  }
  return best;
}

export function moveVertex(ring: Ring, index: number, [x, y]: Point): Ring {
  const moved = [...ring];
  moved[index * 2] = x;
  moved[index * 2 + 1] = y;
  return moved;
}

/** A ring with one vertex more, which comes after `index`. */
export function insertVertex(ring: Ring, index: number, point: Point): Ring {
  return [...ring.slice(0, index * 2 + 2), ...point, ...ring.slice(index * 2 + 2)];
}

/** A ring with one vertex less; unchanged when it has no vertex to spare. */
export function removeVertex(ring: Ring, index: number): Ring {
  if (vertexCount(ring) <= MIN_VERTICES) return ring;
  return [...ring.slice(0, index * 2), ...ring.slice(index * 2 + 2)];
}

export function translateRing(ring: Ring, dx: number, dy: number): Ring {
  return ring.map((value, i) => value + (i % 2 === 0 ? dx : dy));
}
