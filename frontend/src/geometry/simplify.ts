import { distance, nearestOnSegment, type Point } from "./points";
import type { Polygons } from "./polygons";
import { MIN_VERTICES, type Ring, ringFromPoints, vertexAt, vertexCount } from "./rings";

/**
 * A line with fewer points, none of which is left out that lies farther than `tolerance` from the simpler line.
 *
 * Source: Douglas, Peucker: "Algorithms for the reduction of the number of points required to represent a digitized line
 * or its caricature", Cartographica 1973.
 */
export function simplifyLine(points: readonly Point[], tolerance: number): readonly Point[] {
  const isKept = new Uint8Array(points.length);
  const spans: [from: number, to: number][] = [[0, points.length - 1]];
  for (let span = spans.pop(); span; span = spans.pop()) {
    const [from, to] = span;
    const [a, b] = [points[from], points[to]];
    if (!a || !b) continue;
    isKept[from] = 1;
    isKept[to] = 1;
    let farthest = -1;
    let most = tolerance;
    for (let i = from + 1; i < to; i++) {
      const point = points[i] as Point;
      const away = distance(point, nearestOnSegment(point, a, b));
      if (away > most) [most, farthest] = [away, i];
    }
    if (farthest > 0) spans.push([from, farthest], [farthest, to]);
  }
  return points.filter((_, i) => isKept[i]);
}

/** The vertex farthest from another one. */
function farthestFrom(ring: Ring, from: number): number {
  let best = from;
  let most = 0;
  for (let i = 0, n = vertexCount(ring); i < n; i++) {
    const away = distance(vertexAt(ring, from), vertexAt(ring, i));
    if (away > most) [most, best] = [away, i];
  }
  return best;
}

/**
 * A ring with fewer vertices. Those that are fixed stay; with fewer than two of them, two that are as far apart from each
 * other as is quickly found.
 */
function simplifyRing(ring: Ring, tolerance: number, isFixed: (point: Point) => boolean): Ring {
  const count = vertexCount(ring);
  const fixed = Array.from({ length: count }, (_, i) => i).filter((i) =>
    isFixed(vertexAt(ring, i)),
  );
  const first = fixed[0] ?? farthestFrom(ring, 0);
  const stops = fixed.length >= 2 ? fixed : [first, farthestFrom(ring, first)];
  const simple: Point[] = [];
  for (const [at, from] of stops.entries()) {
    const to = stops[(at + 1) % stops.length] as number;
    const length = (((to - from) % count) + count) % count;
    const line = Array.from({ length: length + 1 }, (_, i) => vertexAt(ring, from + i));
    simple.push(...simplifyLine(line, tolerance).slice(0, -1));
  }
  return ringFromPoints(simple);
}

/**
 * Polygons with fewer vertices. A hole that gets too small for three of them is filled, a part is left as it is.
 *
 * @param isFixed vertices that stay, such as those which a neighbour has too
 */
export function simplifyPolygons(
  polygons: Polygons,
  tolerance: number,
  isFixed: (point: Point) => boolean = () => false,
): Polygons {
  return polygons.map(([outer = [], ...holes]) => {
    const simple = simplifyRing(outer, tolerance, isFixed);
    const isRing = (ring: Ring) => vertexCount(ring) >= MIN_VERTICES;
    const left = holes.map((hole) => simplifyRing(hole, tolerance, isFixed)).filter(isRing);
    return [isRing(simple) ? simple : outer, ...left];
  });
}
