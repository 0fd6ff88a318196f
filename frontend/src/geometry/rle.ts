import type { BoxXYXY } from "./boxes";
import type { Point, Size } from "./points";

/** COCO RLE: runs down the columns, zeros first; counts compressed (a string) or plain (a list). */
export interface RLE {
  readonly size: readonly [height: number, width: number];
  readonly counts: string | readonly number[];
}

/** A decoded RLE: the places, counted down the columns, where pixels change from outside to inside and back. */
export interface Runs {
  readonly height: number;
  readonly width: number;
  /** Rising; the first change is to inside, and the last one, at the latest at height × width, to outside. */
  readonly changes: readonly number[];
}

/**
 * Run lengths of COCO's compressed string: groups of 5 bits with a continuation bit, from the fourth run on
 * differences to the run before the last.
 *
 * Source: pycocotools `rleFrString`.
 */
export function decodeCounts(text: string): number[] {
  const counts: number[] = [];
  let value = 0;
  let unit = 1;
  for (let i = 0; i < text.length; i++) {
    const group = text.charCodeAt(i) - 48;
    // Not by shifts: those are of 32 bits, and seven groups are 35.
    value += (group & 0x1f) * unit;
    unit *= 32;
    if (group & 0x20) continue;
    if (group & 0x10) value -= unit;
    if (counts.length > 2) value += counts.at(-2) ?? 0;
    counts.push(value);
    value = 0;
    unit = 1;
  }
  return counts;
}

export function decodeRLE({ size: [height, width], counts }: RLE): Runs {
  const changes: number[] = [];
  let end = 0;
  for (const count of typeof counts === "string" ? decodeCounts(counts) : counts) {
    // A run of no length changes back what was just changed: the runs on both sides of it are one.
    if (count === 0 && changes.length > 0) changes.pop();
    else changes.push(end + count);
    end += count;
  }
  // What ends with zeros has changed to inside at the image's end, where there is nothing more.
  if (changes.length % 2 === 1) changes.pop();
  return { height, width, changes };
}

/** How many changes there are up to a place, itself included: odd when the pixel there is inside. */
function changesUpTo(changes: readonly number[], place: number): number {
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
