import type { BboxXYWH } from "./boxes";

/**
 * Runs of pixels along the rows of an image, or along its columns where that is said: line `lines[k]`, from `starts[k]`
 * up to `ends[k]`, the end not included. Disjoint, by line and then start. They cost memory by outline, not by area.
 * A side of the image is below 2³⁰ pixels.
 */
export interface Spans {
  readonly lines: Int32Array;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
}

/** Room for spans, to be filled and cut. */
export function roomForSpans(count: number): Spans {
  return {
    lines: new Int32Array(count),
    starts: new Int32Array(count),
    ends: new Int32Array(count),
  };
}

export function firstSpans({ lines, starts, ends }: Spans, count: number): Spans {
  return {
    lines: lines.subarray(0, count),
    starts: starts.subarray(0, count),
    ends: ends.subarray(0, count),
  };
}

/** Pixels inside. */
export function spansArea({ starts, ends }: Spans): number {
  let area = 0;
  for (let k = 0; k < starts.length; k++) area += (ends[k] as number) - (starts[k] as number);
  return area;
}

/** The first and the last place that any span has, the last one not included; both zero when there is none. */
function extent({ starts, ends }: Spans): readonly [low: number, high: number] {
  if (starts.length === 0) return [0, 0];
  let low = starts[0] as number;
  let high = ends[0] as number;
  for (let k = 1; k < starts.length; k++) {
    low = Math.min(low, starts[k] as number);
    high = Math.max(high, ends[k] as number);
  }
  return [low, high];
}

/** The tight box around spans of rows; all zero when there is no pixel. */
export function spansBbox(spans: Spans): BboxXYWH {
  const { lines } = spans;
  if (lines.length === 0) return [0, 0, 0, 0];
  const [left, right] = extent(spans);
  const top = lines[0] as number;
  return [left, top, right - left, (lines.at(-1) as number) + 1 - top];
}

/** The places in which a line differs from the line before it; of a line that is not there, nothing is inside. */
function differences(spans: Spans): Spans {
  const { lines, starts, ends } = spans;
  const bound = (i: number) => ((i & 1 ? ends : starts)[i >> 1] ?? 0) as number;
  const found = roomForSpans(2 * lines.length);
  let count = 0;
  // The spans of the line before are [upper, lower), those of the line are [lower, stop).
  let upper = 0;
  let lower = 0;
  while (upper < lower || lower < lines.length) {
    const line = (upper < lower ? (lines[upper] as number) + 1 : lines[lower]) as number;
    let stop = lower;
    while (stop < lines.length && lines[stop] === line) stop++;
    let isOpen = false;
    for (let u = 2 * upper, l = 2 * lower; u < 2 * lower || l < 2 * stop; ) {
      const above = u < 2 * lower ? bound(u) : Number.POSITIVE_INFINITY;
      const below = l < 2 * stop ? bound(l) : Number.POSITIVE_INFINITY;
      if (above <= below) u++;
      if (below <= above) l++;
      if (above === below) continue;
      if (isOpen) found.ends[count++] = Math.min(above, below);
      else {
        found.lines[count] = line;
        found.starts[count] = Math.min(above, below);
      }
      isOpen = !isOpen;
    }
    upper = lower;
    lower = stop;
  }
  return firstSpans(found, count);
}

/** The same pixels along the other axis: of spans of rows those of the columns, and back. It costs by outline too. */
export function turnSpans(spans: Spans): Spans {
  const changes = differences(spans);
  const [low, high] = extent(changes);
  // How many lines change at a place, and then where those of the place begin.
  const begin = new Int32Array(high - low + 1);
  for (let k = 0; k < changes.lines.length; k++) {
    begin[(changes.starts[k] as number) - low] =
      (begin[(changes.starts[k] as number) - low] as number) + 1;
    begin[(changes.ends[k] as number) - low] =
      (begin[(changes.ends[k] as number) - low] as number) - 1;
  }
  let changing = 0;
  let total = 0;
  for (let i = 0; i < begin.length; i++) {
    changing += begin[i] as number;
    begin[i] = total;
    total += changing;
  }
  const turned = roomForSpans(total / 2);
  for (let k = 0; k < changes.lines.length; k++) {
    const line = changes.lines[k] as number;
    const end = (changes.ends[k] as number) - low;
    for (let i = (changes.starts[k] as number) - low; i < end; i++) {
      const at = begin[i] as number;
      begin[i] = at + 1;
      // Every second change is back to outside.
      (at & 1 ? turned.ends : turned.starts)[at >> 1] = line;
      turned.lines[at >> 1] = low + i;
    }
  }
  return turned;
}
