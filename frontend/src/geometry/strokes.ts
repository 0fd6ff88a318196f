import { clamp, type Point, type Size } from "./points";
import { firstSpans, roomForSpans, type Spans } from "./spans";

/** Where a round brush of that diameter in whole pixels sits: odd ones on a pixel's centre, even ones on a corner. */
export function brushCentre([x, y]: Point, diameter: number): Point {
  return diameter % 2 === 1
    ? [Math.floor(x) + 0.5, Math.floor(y) + 0.5]
    : [Math.round(x), Math.round(y)];
}

/**
 * The pixels whose centres are no farther than `radius` from the segment a–b: what a round, hard brush covers when it
 * moves along it. Spans of rows within the image, one a row.
 */
export function strokeSpans(a: Point, b: Point, radius: number, { width, height }: Size): Spans {
  const top = clamp(Math.ceil(Math.min(a[1], b[1]) - radius - 0.5), 0, height);
  const stop = clamp(Math.floor(Math.max(a[1], b[1]) + radius - 0.5) + 1, top, height);
  const spans = roomForSpans(stop - top);
  const sides = longSides(a, b, radius);
  let count = 0;
  for (let row = top; row < stop; row++) {
    const y = row + 0.5;
    let low = Number.POSITIVE_INFINITY;
    let high = Number.NEGATIVE_INFINITY;
    for (const [x, centreY] of [a, b]) {
      const half = Math.sqrt(radius * radius - (y - centreY) ** 2);
      if (!(half >= 0)) continue;
      low = Math.min(low, x - half);
      high = Math.max(high, x + half);
    }
    for (const [from, to] of sides) {
      if (from[1] <= y === to[1] <= y) continue;
      const x = from[0] + ((y - from[1]) * (to[0] - from[0])) / (to[1] - from[1]);
      low = Math.min(low, x);
      high = Math.max(high, x);
    }
    const start = clamp(Math.ceil(low - 0.5), 0, width);
    const end = clamp(Math.floor(high - 0.5) + 1, 0, width);
    if (!(start < end)) continue;
    spans.lines[count] = row;
    spans.starts[count] = start;
    spans.ends[count++] = end;
  }
  return firstSpans(spans, count);
}

/** The two sides of the strip along a segment; none of a mere point. */
function longSides(a: Point, b: Point, radius: number): readonly (readonly [Point, Point])[] {
  const length = Math.hypot(b[0] - a[0], b[1] - a[1]);
  if (length === 0) return [];
  const dx = ((b[1] - a[1]) / length) * radius;
  const dy = ((a[0] - b[0]) / length) * radius;
  return [1, -1].map((side) => [
    [a[0] + side * dx, a[1] + side * dy],
    [b[0] + side * dx, b[1] + side * dy],
  ]);
}
