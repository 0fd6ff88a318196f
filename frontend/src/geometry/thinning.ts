import { type Ring, vertexCount } from "./rings";

/** Square of the distance of (x, y) from the segment between (ax, ay) and (bx, by). */
function awaySquared(x: number, y: number, ax: number, ay: number, bx: number, by: number): number {
  const dx = bx - ax;
  const dy = by - ay;
  const long = dx * dx + dy * dy;
  const t = long === 0 ? 0 : Math.min(Math.max(((x - ax) * dx + (y - ay) * dy) / long, 0), 1);
  const ex = x - ax - t * dx;
  const ey = y - ay - t * dy;
  return ex * ex + ey * ey;
}

/** The vertex between two others (exclusive) that lies farthest from the segment between them. */
function farthest(ring: Ring, from: number, to: number): { index: number; squared: number } {
  const count = vertexCount(ring);
  const ax = ring[from * 2] as number;
  const ay = ring[from * 2 + 1] as number;
  const bx = ring[(to % count) * 2] as number;
  const by = ring[(to % count) * 2 + 1] as number;
  let index = from;
  let squared = -1;
  for (let i = from + 1; i < to; i++) {
    const away = awaySquared(ring[i * 2] as number, ring[i * 2 + 1] as number, ax, ay, bx, by);
    if (away > squared) {
      squared = away;
      index = i;
    }
  }
  return { index, squared };
}

/**
 * A ring with fewer vertices, for drawing only: no vertex that is left out lies farther than the tolerance from the
 * edge drawn in its place. What is smaller than the tolerance becomes two vertices.
 *
 * Source: Ramer (1972), Douglas and Peucker (1973); a ring is cut at its first vertex and at the one farthest from it.
 */
export function thinRing(ring: Ring, tolerance: number): Ring {
  const count = vertexCount(ring);
  if (count <= 2) return ring;
  const enough = tolerance * tolerance;
  const isKept = new Uint8Array(count);
  const { index: opposite } = farthest(ring, 0, count);
  isKept[0] = 1;
  isKept[opposite] = 1;
  let kept = opposite === 0 ? 1 : 2;
  const open: number[] = [0, opposite, opposite, count];
  while (open.length > 0) {
    const to = open.pop() as number;
    const from = open.pop() as number;
    if (to - from < 2) continue;
    const { index, squared } = farthest(ring, from, to);
    if (squared <= enough) continue;
    isKept[index] = 1;
    kept += 1;
    open.push(from, index, index, to);
  }
  if (kept === count) return ring;
  const thin: number[] = [];
  for (let i = 0; i < count; i++) {
    if (isKept[i]) thin.push(ring[i * 2] as number, ring[i * 2 + 1] as number);
  }
  return thin;
}
