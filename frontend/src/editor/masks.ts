import { type BoxXYXY, toXYXY } from "../geometry/boxes";
import { runsToPolygons } from "../geometry/outline";
import type { Part } from "../geometry/polygons";
import { decodeRLE, type RLE, type Runs } from "../geometry/rle";
import { runsBbox } from "../geometry/runs";

// A segmentation is never changed in place, so what is worked out of it once holds as long as it does.
function remembered<T>(make: (rle: RLE) => T): (rle: RLE) => T {
  const known = new WeakMap<RLE, T>();
  return (rle) => {
    const value = known.get(rle) ?? make(rle);
    known.set(rle, value);
    return value;
  };
}

export const runsOf: (rle: RLE) => Runs = remembered(decodeRLE);

export const maskBox: (rle: RLE) => BoxXYXY = remembered((rle) => toXYXY(runsBbox(runsOf(rle))));

/**
 * An outline of more corners than about this is slow to draw: 100,000 take a tenth of a second without a GPU, where a
 * picture of 12 megapixels takes a fiftieth.
 */
const MOST_CHANGES = 20_000;

/** Is the mask better shown as a picture than by its outline? */
export function isRough(rle: RLE): boolean {
  return runsOf(rle).changes.length > MOST_CHANGES;
}

/** One part of all rings along the pixel edges, to be filled by even–odd. */
export const outlineOf: (rle: RLE) => Part = remembered((rle) =>
  runsToPolygons(runsOf(rle)).flat(),
);
