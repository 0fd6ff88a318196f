import { type Combination, combinePolygons, combineRuns } from "../geometry/boolean";
import { runsToPolygons } from "../geometry/outline";
import type { Size } from "../geometry/points";
import type { Polygons } from "../geometry/polygons";
import { polygonsToRuns } from "../geometry/raster";
import { encodeRLE, type Runs } from "../geometry/rle";
import { isPolygons, type Segmentation } from "./annotation";
import { isRough, runsOf } from "./masks";

export function segmentationRuns(segmentation: Segmentation, size: Size): Runs {
  return isPolygons(segmentation) ? polygonsToRuns(segmentation, size) : runsOf(segmentation);
}

/** The same pixels as polygons along their edges: `toMask` of them gives the mask back, bit for bit. */
export function toPolygons(segmentation: Segmentation): Polygons {
  return isPolygons(segmentation) ? segmentation : runsToPolygons(runsOf(segmentation));
}

/** The same pixels as an RLE. */
export function toMask(segmentation: Segmentation, size: Size): Segmentation {
  return isPolygons(segmentation) ? encodeRLE(polygonsToRuns(segmentation, size)) : segmentation;
}

/** Pixels as the kind of segmentation that is wanted; null where there is none. */
export function segmentationOf(runs: Runs, asPolygons: boolean): Segmentation | null {
  if (runs.changes.length === 0) return null;
  return asPolygons ? runsToPolygons(runs) : encodeRLE(runs);
}

/**
 * A segmentation united with others, without them, or only what is in all; null when nothing is left.
 *
 * Polygons stay polygons, whose outlines are cut where they cross; a mask stays a mask.
 */
export function combine(
  how: Combination,
  a: Segmentation,
  others: readonly Segmentation[],
  size: Size,
): Segmentation | null {
  // A mask of many corners would make polygons that nobody can work on.
  const isSmooth = isPolygons(a) && !others.some((one) => !isPolygons(one) && isRough(one));
  if (isSmooth) {
    const parts = combinePolygons(how, a, others.map(toPolygons), size);
    return parts.length > 0 ? parts : null;
  }
  const runs = combineRuns(
    how,
    segmentationRuns(a, size),
    others.map((one) => segmentationRuns(one, size)),
  );
  return segmentationOf(runs, false);
}
