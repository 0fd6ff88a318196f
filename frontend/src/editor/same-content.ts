import { type AnnotationContent, isPolygons, type Segmentation } from "./annotation";

/** Whether two segmentations are written alike. */
export function isSameSegmentation(a: Segmentation, b: Segmentation): boolean {
  if (a === b) return true;
  if (isPolygons(a) || isPolygons(b)) {
    return isPolygons(a) && isPolygons(b) && JSON.stringify(a) === JSON.stringify(b);
  }
  // Counts may be a string or a list.
  return String(a.size) === String(b.size) && String(a.counts) === String(b.counts);
}

/** Whether two annotations say the same; null: there is none. */
export function isSameContent(a: AnnotationContent | null, b: AnnotationContent | null): boolean {
  if (a === null || b === null) return a === b;
  return (
    a.category_id === b.category_id &&
    a.iscrowd === b.iscrowd &&
    a.z_order === b.z_order &&
    a.source === b.source &&
    a.score === b.score &&
    isSameSegmentation(a.segmentation, b.segmentation)
  );
}
