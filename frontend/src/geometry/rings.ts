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
 * Where an edge with its upper end at (x0, y0) crosses the level y. Always taken from the upper end and in this order of
 * operations, as on the server: so the two owners of a shared edge agree about it to the last bit.
 */
export function crossingAt(y: number, x0: number, y0: number, x1: number, y1: number): number {
  return x0 + ((y - y0) * (x1 - x0)) / (y1 - y0);
}

/**
 * Does the ring go round the point, by even–odd?
 *
 * Half-open as the raster rule: a point exactly on an edge belongs to the ring on the left of it, or below a level
 * edge. So a point on the border of two abutting rings is in exactly one of them, and a pixel's centre is inside exactly
 * when the pixel is.
 */
export function ringHasPoint(ring: Ring, [x, y]: Point): boolean {
  let inside = false;
  let [x0, y0] = [ring.at(-2) as number, ring.at(-1) as number];
  for (let i = 0; i < ring.length; i += 2) {
    const [x1, y1] = [ring[i] as number, ring[i + 1] as number];
    if (y0 <= y !== y1 <= y) {
      const crossing = y0 <= y ? crossingAt(y, x0, y0, x1, y1) : crossingAt(y, x1, y1, x0, y0);
      // Both plus a half: so is the crossing rounded to a column of pixels, and a sum in floating point may round too.
      if (!(crossing + 0.5 >= x + 0.5)) inside = !inside;
    }
    [x0, y0] = [x1, y1];
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
