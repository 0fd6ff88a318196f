import type { BboxXYWH } from "./boxes";
import { InvalidSegmentation } from "./errors";
import type { Size } from "./points";
import type { Runs } from "./rle";
import { roomForSpans, type Spans, spansBbox, turnSpans } from "./spans";

/** The runs of spans of rows. Nothing is painted: the image may be of any size. */
export function spansToRuns(spans: Spans, { width, height }: Size): Runs {
  const { lines, starts, ends } = turnSpans(spans);
  const changes = new Float64Array(2 * lines.length);
  let count = 0;
  for (let k = 0; k < lines.length; k++) {
    const column = (lines[k] as number) * height;
    // The bottom of one column and the top of the next are one place: the run goes on.
    if (count > 0 && changes[count - 1] === column + (starts[k] as number)) count--;
    else changes[count++] = column + (starts[k] as number);
    changes[count++] = column + (ends[k] as number);
  }
  return { height, width, changes: changes.slice(0, count) };
}

/** The spans of an RLE's columns. */
export function runsToColumns({ height, changes }: Runs): Spans {
  const columnOf = (place: number) => Math.floor(place / height);
  let total = 0;
  for (let k = 0; k < changes.length; k += 2) {
    total += columnOf((changes[k + 1] as number) - 1) - columnOf(changes[k] as number) + 1;
  }
  const spans = roomForSpans(total);
  let count = 0;
  for (let k = 0; k < changes.length; k += 2) {
    const end = changes[k + 1] as number;
    for (let start = changes[k] as number; start < end; ) {
      const column = columnOf(start);
      const stop = Math.min(end, (column + 1) * height);
      spans.lines[count] = column;
      spans.starts[count] = start - column * height;
      spans.ends[count++] = stop - column * height;
      start = stop;
    }
  }
  return spans;
}

/** The spans of an RLE's rows. */
export function runsToSpans(runs: Runs): Spans {
  return turnSpans(runsToColumns(runs));
}

/** The same pixels by whole steps to the right and down; they stay in the image, else InvalidSegmentation is thrown. */
export function translateRuns(runs: Runs, dx: number, dy: number): Runs {
  const { height, width } = runs;
  const { lines, starts, ends } = runsToColumns(runs);
  const changes = new Float64Array(2 * lines.length);
  let count = 0;
  for (let k = 0; k < lines.length; k++) {
    const column = (lines[k] as number) + dx;
    const start = (starts[k] as number) + dy;
    const end = (ends[k] as number) + dy;
    if (column < 0 || column >= width || start < 0 || end > height) {
      throw new InvalidSegmentation("The mask would leave the image.");
    }
    const place = column * height + start;
    // The bottom of one column and the top of the next are one place: the run goes on.
    if (count > 0 && changes[count - 1] === place) count--;
    else changes[count++] = place;
    changes[count++] = column * height + end;
  }
  return { height, width, changes: changes.slice(0, count) };
}

/** Pixels inside. */
export function runsArea({ changes }: Runs): number {
  let area = 0;
  for (let k = 0; k < changes.length; k += 2) {
    area += (changes[k + 1] as number) - (changes[k] as number);
  }
  return area;
}

/** The tight box; all zero when there is no pixel. */
export function runsBbox(runs: Runs): BboxXYWH {
  const [y, x, h, w] = spansBbox(runsToColumns(runs));
  return [x, y, w, h];
}

/** Bit `inA + 2 × inB` says whether a pixel that is in A, in B, or in both, is in the outcome. */
const IN_ONE_OR_BOTH = 0b1110;
const IN_BOTH = 0b1000;
const IN_A_ONLY = 0b0010;

function combined(a: Runs, b: Runs, rule: number): Runs {
  if (a.height !== b.height || a.width !== b.width) {
    throw new InvalidSegmentation("These RLEs are not of one size.");
  }
  const changes = new Float64Array(a.changes.length + b.changes.length);
  let count = 0;
  for (let i = 0, j = 0; i < a.changes.length || j < b.changes.length; ) {
    const inA = a.changes[i] ?? Number.POSITIVE_INFINITY;
    const inB = b.changes[j] ?? Number.POSITIVE_INFINITY;
    if (inA <= inB) i++;
    if (inB <= inA) j++;
    const isInside = (rule >> ((i & 1) | ((j & 1) << 1))) & 1;
    if (isInside !== (count & 1)) changes[count++] = Math.min(inA, inB);
  }
  return { height: a.height, width: a.width, changes: changes.slice(0, count) };
}

/** By halves, so that a run is copied as often as the list can be halved, not as often as it is long. */
function allCombined(several: readonly Runs[], rule: number): Runs {
  const [first] = several;
  if (!first) throw new InvalidSegmentation("There are no RLEs to combine.");
  if (several.length === 1) return first;
  const half = several.length >> 1;
  return combined(
    allCombined(several.slice(0, half), rule),
    allCombined(several.slice(half), rule),
    rule,
  );
}

/** Pixels of one or more of the RLEs; they are of one size, else InvalidSegmentation is thrown. */
export function runsUnion(several: readonly Runs[]): Runs {
  return allCombined(several, IN_ONE_OR_BOTH);
}

/** Pixels of all of the RLEs; they are of one size, else InvalidSegmentation is thrown. */
export function runsIntersection(several: readonly Runs[]): Runs {
  return allCombined(several, IN_BOTH);
}

/** Pixels of `a` that are not of `b`; they are of one size, else InvalidSegmentation is thrown. */
export function runsDifference(a: Runs, b: Runs): Runs {
  return combined(a, b, IN_A_ONLY);
}

/** Intersection over union; 0 when both are empty. They are of one size, else InvalidSegmentation is thrown. */
export function runsIoU(a: Runs, b: Runs): number {
  const shared = runsArea(runsIntersection([a, b]));
  const whole = runsArea(a) + runsArea(b) - shared;
  return whole > 0 ? shared / whole : 0;
}

/** How many of the ascending values are at most `limit`. */
function countUpTo(values: Float64Array, limit: number): number {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((values[middle] as number) <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The columns from `left` up to `right`, the latter not included, as an image of their own. */
export function runsInColumns({ height, changes }: Runs, left: number, right: number): Runs {
  const from = left * height;
  const stop = right * height;
  const first = countUpTo(changes, from);
  const last = Math.max(countUpTo(changes, stop - 1), first);
  const inside = Array.from(changes.subarray(first, last), (place) => place - from);
  // A run that begins before, or goes on behind, is cut there.
  if (first % 2 === 1) inside.unshift(0);
  if (last % 2 === 1) inside.push(stop - from);
  return { height, width: right - left, changes: Float64Array.from(inside) };
}
