import { boxHasBox, boxHasPoint } from "../geometry/boxes";
import type { Point } from "../geometry/points";
import { nearestPlace, polygonsHavePoint } from "../geometry/polygons";
import { runsHavePoint } from "../geometry/rle";
import { type Annotation, boxOf, isPolygons } from "./annotation";
import { runsOf } from "./masks";

function isHit(annotation: Annotation, point: Point, tolerance: number): boolean {
  if (!boxHasPoint(boxOf(annotation), point, tolerance)) return false;
  const { segmentation } = annotation;
  if (!isPolygons(segmentation)) return runsHavePoint(runsOf(segmentation), point, tolerance);
  return (
    polygonsHavePoint(segmentation, point) || nearestPlace(segmentation, point, tolerance) !== null
  );
}

/**
 * The annotation that a click means: the topmost, but a smaller one that lies within it goes before it, so that what
 * is covered by a big annotation can still be reached.
 *
 * @param annotations lowest z-order first
 * @param tolerance how near an edge counts, in image pixels
 */
export function annotationAt(
  annotations: readonly Annotation[],
  point: Point,
  tolerance: number,
): Annotation | null {
  let best: Annotation | null = null;
  for (const annotation of [...annotations].reverse()) {
    if (!isHit(annotation, point, tolerance)) continue;
    if (best === null) best = annotation;
    else if (
      annotation.area < best.area &&
      (annotation.z_order === best.z_order || boxHasBox(boxOf(best), boxOf(annotation)))
    ) {
      best = annotation;
    }
  }
  return best;
}
