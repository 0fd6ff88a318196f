import type { BoxXYXY } from "./boxes";
import { InvalidSegmentation } from "./errors";
import type { Point, Size } from "./points";

/** COCO RLE: runs down the columns, zeros first; counts compressed (a string) or plain (a list). */
export interface RLE {
  readonly size: readonly [height: number, width: number];
  readonly counts: string | readonly number[];
}

/** A decoded RLE: the places, counted down the columns, where pixels change from outside to inside and back. */
export interface Runs extends Size {
  /** Rising; the first change is to inside, and the last one, at the latest at height × width, to outside. */
  readonly changes: Float64Array;
}

/** No image has more, and no run is longer; as on the server. */
const MAX_PIXELS = 2 ** 36;
/** What the last group of a run may count in, at most; so all numbers here are exact. */
const MAX_UNIT = 2 ** 40;

function checkRun(run: number): void {
  if (!(Number.isInteger(run) && run >= 0 && run <= MAX_PIXELS)) {
    throw new InvalidSegmentation("A run of the RLE is negative or longer than any image.");
  }
}

/**
 * Run lengths of COCO's compressed string: groups of 5 bits with a continuation bit, from the fourth run on
 * differences to the run before the last.
 *
 * @throws InvalidSegmentation: a character out of range, an end in the middle of a run, a run beyond any image
 *
 * Source: pycocotools `rleFrString`.
 */
export function decodeCounts(text: string): number[] {
  const counts: number[] = [];
  let value = 0;
  let unit = 1;
  for (let i = 0; i < text.length; i++) {
    const group = text.charCodeAt(i) - 48;
    if (group < 0 || group >= 64 || unit > MAX_UNIT) {
      throw new InvalidSegmentation("The counts of the RLE are not COCO's compressed string.");
    }
    // Not by shifts: those are of 32 bits, and seven groups are 35.
    value += (group & 0x1f) * unit;
    unit *= 32;
    if (group & 0x20) continue;
    if (group & 0x10) value -= unit;
    if (counts.length > 2) value += counts[counts.length - 2] as number;
    checkRun(value);
    counts.push(value);
    value = 0;
    unit = 1;
  }
  if (unit > 1) throw new InvalidSegmentation("The counts of the RLE end in the middle of a run.");
  return counts;
}

/** COCO's compressed string of run lengths. Source: pycocotools `rleToString`. */
export function encodeCounts(counts: readonly number[]): string {
  let text = "";
  for (let i = 0; i < counts.length; i++) {
    let value = (counts[i] as number) - (i > 2 ? (counts[i - 2] as number) : 0);
    for (let isLast = false; !isLast; ) {
      const rest = Math.floor(value / 32);
      const group = value - rest * 32;
      value = rest;
      // The highest of the five bits is the sign of what is left out.
      isLast = value === (group & 0x10 ? -1 : 0);
      text += String.fromCharCode((isLast ? group : group | 0x20) + 48);
    }
  }
  return text;
}

/**
 * An RLE as the places where it changes.
 *
 * @throws InvalidSegmentation: a size that cannot be, counts that are garbled, negative, or do not add up to the size
 */
export function decodeRLE({ size: [height, width], counts }: RLE): Runs {
  const isSize = Number.isInteger(height) && Number.isInteger(width) && height >= 1 && width >= 1;
  if (!isSize || height * width > MAX_PIXELS) {
    throw new InvalidSegmentation(`An RLE of size ${height} × ${width} cannot be.`);
  }
  const lengths = typeof counts === "string" ? decodeCounts(counts) : counts;
  const changes = new Float64Array(lengths.length);
  let changed = 0;
  let end = 0;
  for (let i = 0; i < lengths.length; i++) {
    checkRun(lengths[i] as number);
    end += lengths[i] as number;
    // The end of zeros that come last is the image's: there is nothing more to change to.
    if (i === lengths.length - 1 && i % 2 === 0) break;
    // A run of no length changes back what was just changed: the runs on both sides of it are one.
    if (changed > 0 && changes[changed - 1] === end) changed--;
    else changes[changed++] = end;
  }
  if (end !== height * width) {
    throw new InvalidSegmentation(
      `The runs of the RLE add up to ${end}, not ${height} × ${width} = ${height * width}.`,
    );
  }
  return { height, width, changes: changes.slice(0, changed) };
}

/** Plain run lengths, of zeros first. */
export function runsToCounts({ height, width, changes }: Runs): number[] {
  const counts: number[] = [];
  let before = 0;
  for (const place of changes) {
    counts.push(place - before);
    before = place;
  }
  if (before < height * width) counts.push(height * width - before);
  return counts;
}

/** COCO's object, with compressed counts: what is sent. */
export function encodeRLE(runs: Runs): RLE {
  return { size: [runs.height, runs.width], counts: encodeCounts(runsToCounts(runs)) };
}

/** How many changes there are up to a place, itself included: odd when the pixel there is inside. */
function changesUpTo(changes: Float64Array, place: number): number {
  let low = 0;
  let high = changes.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((changes[middle] as number) <= place) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Is the pixel under the point inside, or any that lies not farther than `reach` from the point? */
export function runsHavePoint(
  { height, width, changes }: Runs,
  [x, y]: Point,
  reach: number,
): boolean {
  const last = Math.min(Math.floor(x + reach), width - 1);
  for (let column = Math.max(Math.floor(x - reach), 0); column <= last; column++) {
    const away = Math.max(column - x, x - column - 1, 0);
    const half = Math.sqrt(Math.max(reach * reach - away * away, 0));
    const top = Math.max(Math.floor(y - half), 0);
    const bottom = Math.min(Math.floor(y + half), height - 1);
    if (top > bottom) continue;
    const before = changesUpTo(changes, column * height + top);
    if (before % 2 === 1 || changesUpTo(changes, column * height + bottom) > before) return true;
  }
  return false;
}

/** Every `step`th pixel of the box in every `step`th row, row by row: 255 inside, 0 outside. */
export function sampleRuns(
  { height, changes }: Runs,
  [x0, y0, x1, y1]: BoxXYXY,
  step: number,
): Size & { readonly alpha: Uint8ClampedArray } {
  const size = { width: Math.ceil((x1 - x0) / step), height: Math.ceil((y1 - y0) / step) };
  const alpha = new Uint8ClampedArray(size.width * size.height);
  for (let column = 0; column < size.width; column++) {
    const top = (x0 + column * step) * height + y0;
    let at = changesUpTo(changes, top);
    for (let row = 0; row < size.height; row++) {
      while ((changes[at] ?? Number.POSITIVE_INFINITY) <= top + row * step) at++;
      if (at % 2 === 1) alpha[row * size.width + column] = 255;
    }
  }
  return { ...size, alpha };
}
