import { type BboxXYWH, type BoxXYXY, toXYWH, toXYXY } from "../geometry/boxes";
import { type Polygons, polygonsArea, polygonsBox } from "../geometry/polygons";
import type { RLE } from "../geometry/rle";

export type Segmentation = Polygons | RLE;

/** What an edit writes; field names are those of the wire. */
export interface AnnotationContent {
  readonly category_id: number;
  readonly segmentation: Segmentation;
  readonly iscrowd: boolean;
  readonly z_order: number;
  readonly source: string;
  readonly score: number | null;
}

export interface Annotation extends AnnotationContent {
  readonly id: string;
  readonly bbox_xywh: BboxXYWH;
  readonly area: number;
}

/** An annotation as the server holds it. */
export interface ServerAnnotation extends Annotation {
  readonly revision: number;
}

export interface Category {
  readonly id: number;
  readonly name: string;
  readonly color: string;
  readonly hotkey: string | null;
  readonly isthing: boolean;
}

export function isPolygons(segmentation: Segmentation): segmentation is Polygons {
  return Array.isArray(segmentation);
}

export function contentOf(annotation: AnnotationContent): AnnotationContent {
  const { category_id, segmentation, iscrowd, z_order, source, score } = annotation;
  return { category_id, segmentation, iscrowd, z_order, source, score };
}

/**
 * An annotation of the content, measured here until the server has counted its pixels.
 *
 * @param known the annotation before this change, whose measures an RLE keeps
 */
export function measured(
  id: string,
  content: AnnotationContent,
  known: Annotation | undefined,
): Annotation {
  const { segmentation } = content;
  if (known && known.segmentation === segmentation) {
    return { ...content, id, bbox_xywh: known.bbox_xywh, area: known.area };
  }
  if (!isPolygons(segmentation)) {
    const [height, width] = segmentation.size;
    return {
      ...content,
      id,
      bbox_xywh: known?.bbox_xywh ?? [0, 0, width, height],
      area: known?.area ?? 0,
    };
  }
  return {
    ...content,
    id,
    bbox_xywh: toXYWH(polygonsBox(segmentation)),
    area: Math.round(polygonsArea(segmentation)),
  };
}

export function boxOf(annotation: Annotation): BoxXYXY {
  const { segmentation, bbox_xywh } = annotation;
  return isPolygons(segmentation) ? polygonsBox(segmentation) : toXYXY(bbox_xywh);
}
