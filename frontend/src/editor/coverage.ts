import type { BoxXYXY } from "../geometry/boxes";
import { runsToPolygons } from "../geometry/outline";
import type { Size } from "../geometry/points";
import { polygonsBox } from "../geometry/polygons";
import { polygonsToSpans } from "../geometry/raster";
import type { Runs } from "../geometry/rle";
import { runsArea, runsBbox, runsDifference, runsIntersection, runsUnion } from "../geometry/runs";
import { spansArea } from "../geometry/spans";
import { type Annotation, boxOf } from "./annotation";
import { segmentationRuns } from "./combine";
import type { AnnotationStore } from "./store";

/** Two annotations that have the same pixels; the upper one is seen there. */
export interface Overlap {
  readonly lower: string;
  readonly upper: string;
  /** Pixels, and the box round them. */
  readonly area: number;
  readonly box: BoxXYXY;
}

/** Connected pixels that no annotation has. */
export interface Gap {
  readonly area: number;
  readonly box: BoxXYXY;
}

/** What makes a segment map of these annotations less than whole. */
export interface Coverage {
  /** The largest first. */
  readonly overlaps: readonly Overlap[];
  /** The smallest first: a sliver is a mistake, what is large is seen anyway. */
  readonly gaps: readonly Gap[];
  /** Pixels of the image without an owner. */
  readonly unowned: number;
}

function overlapOf(a: Runs, b: Runs): { area: number; box: BoxXYXY } | null {
  const shared = runsIntersection([a, b]);
  const area = runsArea(shared);
  if (area === 0) return null;
  const [x, y, w, h] = runsBbox(shared);
  return { area, box: [x, y, x + w, y + h] };
}

function overlapsOf(
  store: AnnotationStore,
  annotations: readonly Annotation[],
  runs: ReadonlyMap<string, Runs>,
): Overlap[] {
  const order = new Map(annotations.map(({ id }, i) => [id, i]));
  const found: Overlap[] = [];
  for (const [i, upper] of annotations.entries()) {
    for (const lower of store.touching(boxOf(upper))) {
      const [a, b] = [runs.get(lower.id), runs.get(upper.id)];
      if (!a || !b || (order.get(lower.id) ?? i) >= i) continue;
      const overlap = overlapOf(a, b);
      if (overlap) found.push({ lower: lower.id, upper: upper.id, ...overlap });
    }
  }
  return found.sort((a, b) => b.area - a.area);
}

/** Where the annotations of an image overlap, and what they leave. A crowd may overlap: it is left out of the overlaps. */
export function coverageOf(store: AnnotationStore, size: Size): Coverage {
  const all = store.all();
  const runs = new Map(all.map((one) => [one.id, segmentationRuns(one.segmentation, size)]));
  const own = all.filter(({ iscrowd }) => !iscrowd);
  const total = size.width * size.height;
  const whole = { height: size.height, width: size.width, changes: Float64Array.of(0, total) };
  const free = runs.size > 0 ? runsDifference(whole, runsUnion([...runs.values()])) : whole;
  const gaps = runsToPolygons(free).map((part) => ({
    area: spansArea(polygonsToSpans([part], size)),
    box: polygonsBox([part]),
  }));
  return {
    overlaps: overlapsOf(store, own, runs),
    gaps: gaps.sort((a, b) => a.area - b.area),
    unowned: runsArea(free),
  };
}
