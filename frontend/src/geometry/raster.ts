import { type Mask, spansToMask } from "./mask";
import type { Size } from "./points";
import { countVertices, type Polygons } from "./polygons";
import { crossingAt } from "./rings";
import type { Runs } from "./rle";
import { spansToRuns } from "./runs";
import { firstSpans, roomForSpans, type Spans } from "./spans";

// Polygons → pixels, bit for bit as the server does it: a pixel is in a part if its centre is inside by even–odd over
// the part's rings; parts are united; a centre exactly on an edge belongs to the polygon on its left, or below a level
// edge.

/** Edges that cross the centres of rows, each taken from its upper end. */
interface Edges {
  readonly count: number;
  /** x0, y0, x1, y1 of each. */
  readonly ends: Float64Array;
  /** Of each the first row, the one after the last, and the part. */
  readonly rows: Int32Array;
}

function edgesOf(polygons: Polygons, height: number): Edges {
  const vertices = countVertices(polygons);
  const ends = new Float64Array(4 * vertices);
  const rows = new Int32Array(3 * vertices);
  let count = 0;
  for (const [part, rings] of polygons.entries()) {
    for (const ring of rings) {
      let x0 = ring.at(-2) as number;
      let y0 = ring.at(-1) as number;
      for (let i = 0; i < ring.length; i += 2) {
        const x1 = ring[i] as number;
        const y1 = ring[i + 1] as number;
        const first = Math.max(Math.ceil(Math.min(y0, y1) - 0.5), 0);
        const stop = Math.min(Math.ceil(Math.max(y0, y1) - 0.5), height);
        if (first < stop) {
          const isDown = y0 <= y1;
          ends[4 * count] = isDown ? x0 : x1;
          ends[4 * count + 1] = isDown ? y0 : y1;
          ends[4 * count + 2] = isDown ? x1 : x0;
          ends[4 * count + 3] = isDown ? y1 : y0;
          rows[3 * count] = first;
          rows[3 * count + 1] = stop;
          rows[3 * count + 2] = part;
          count++;
        }
        x0 = x1;
        y0 = y1;
      }
    }
  }
  return { count, ends, rows };
}

/** Where edges cross rows: those of row `top + i` are keys[begin[i]] to keys[begin[i + 1] - 1]. */
interface Crossings {
  readonly top: number;
  readonly begin: Int32Array;
  /** The first column whose centre lies after the crossing, plus the part times the width plus one. */
  readonly keys: Float64Array;
}

function crossingsOf({ count, ends, rows }: Edges, width: number): Crossings {
  let top = Number.POSITIVE_INFINITY;
  let bottom = 0;
  for (let k = 0; k < count; k++) {
    top = Math.min(top, rows[3 * k] as number);
    bottom = Math.max(bottom, rows[3 * k + 1] as number);
  }
  if (count === 0) return { top: 0, begin: new Int32Array(1), keys: new Float64Array(0) };
  // How many crossings more or less a row has than the one above it; then where to file the next one of the row.
  const next = new Int32Array(bottom - top + 1);
  for (let k = 0; k < count; k++) {
    const first = (rows[3 * k] as number) - top;
    const stop = (rows[3 * k + 1] as number) - top;
    next[first] = (next[first] as number) + 1;
    next[stop] = (next[stop] as number) - 1;
  }
  let inRow = 0;
  let total = 0;
  for (let i = 0; i < next.length; i++) {
    inRow += next[i] as number;
    next[i] = total;
    total += inRow;
  }
  const begin = next.slice();
  const keys = new Float64Array(total);
  for (let k = 0; k < count; k++) {
    const x0 = ends[4 * k] as number;
    const y0 = ends[4 * k + 1] as number;
    const x1 = ends[4 * k + 2] as number;
    const y1 = ends[4 * k + 3] as number;
    const stop = rows[3 * k + 1] as number;
    const base = (rows[3 * k + 2] as number) * (width + 1);
    for (let row = rows[3 * k] as number; row < stop; row++) {
      const column = crossingAt(row + 0.5, x0, y0, x1, y1) + 0.5;
      const at = next[row - top] as number;
      next[row - top] = at + 1;
      keys[at] = base + (column >= 1 ? Math.min(Math.floor(column), width) : 0);
    }
  }
  return { top, begin, keys };
}

/** Beyond this many, the built-in sort is faster than inserting one after the other. */
const FEW = 64;

function sortRange(keys: Float64Array, from: number, stop: number): void {
  if (stop - from > FEW) {
    keys.subarray(from, stop).sort();
    return;
  }
  for (let i = from + 1; i < stop; i++) {
    const key = keys[i] as number;
    let j = i;
    for (; j > from && (keys[j - 1] as number) > key; j--) keys[j] = keys[j - 1] as number;
    keys[j] = key;
  }
}

/** Two crossings of a part, which end a span, become an even key where it starts and an odd one where it ends. */
function pairUp(keys: Float64Array, from: number, stop: number, stride: number): void {
  for (let k = from; k < stop; k += 2) {
    const base = Math.floor((keys[k] as number) / stride) * stride;
    keys[k] = 2 * ((keys[k] as number) - base);
    keys[k + 1] = 2 * ((keys[k + 1] as number) - base) + 1;
  }
}

/**
 * The pixels of polygons within an image, as spans of rows. It costs by the outlines' height, whatever the image's size.
 *
 * Source: core/kernels/fill.c, but that the parts are filled and united in one pass.
 */
export function polygonsToSpans(polygons: Polygons, { width, height }: Size): Spans {
  const stride = width + 1;
  const { top, begin, keys } = crossingsOf(edgesOf(polygons, height), width);
  const spans = roomForSpans(keys.length / 2);
  let count = 0;
  const add = (row: number, start: number, end: number) => {
    if (start === end) return;
    spans.lines[count] = row;
    spans.starts[count] = start;
    spans.ends[count++] = end;
  };
  for (let i = 0; i + 1 < begin.length; i++) {
    const from = begin[i] as number;
    const stop = begin[i + 1] as number;
    if (from === stop) continue;
    sortRange(keys, from, stop);
    const base = Math.floor((keys[from] as number) / stride) * stride;
    if ((keys[stop - 1] as number) < base + stride) {
      for (let k = from; k < stop; k += 2) {
        add(top + i, (keys[k] as number) - base, (keys[k + 1] as number) - base);
      }
      continue;
    }
    pairUp(keys, from, stop, stride);
    sortRange(keys, from, stop);
    let depth = 0;
    let start = 0;
    for (let k = from; k < stop; k++) {
      const key = keys[k] as number;
      if (key % 2 === 0) {
        if (depth++ === 0) start = key / 2;
      } else if (--depth === 0) add(top + i, start, (key - 1) / 2);
    }
  }
  return firstSpans(spans, count);
}

export function polygonsToMask(polygons: Polygons, size: Size): Mask {
  return spansToMask(polygonsToSpans(polygons, size), [0, 0, size.width, size.height]);
}

export function polygonsToRuns(polygons: Polygons, size: Size): Runs {
  return spansToRuns(polygonsToSpans(polygons, size), size);
}
