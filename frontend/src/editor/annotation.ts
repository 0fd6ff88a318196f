import { type BboxXYWH, type BoxXYXY, toXYXY } from "../geometry/boxes";
import { type Polygons, polygonsBox } from "../geometry/polygons";
import { polygonsToSpans } from "../geometry/raster";
import type { RLE } from "../geometry/rle";
import { runsArea, runsBbox } from "../geometry/runs";
import { spansArea, spansBbox } from "../geometry/spans";
import { maskBox, runsOf } from "./masks";

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
 * An annotation of the content, its pixels counted as the server counts them.
 *
 * @param known the annotation before this change, whose measures hold when its segmentation does
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
    const runs = runsOf(segmentation);
    return { ...content, id, bbox_xywh: runsBbox(runs), area: runsArea(runs) };
  }
  // No vertex lies outside the image, so up to the last one is image enough.
  const [, , x1, y1] = polygonsBox(segmentation);
  const spans = polygonsToSpans(segmentation, { width: Math.ceil(x1), height: Math.ceil(y1) });
  return { ...content, id, bbox_xywh: spansBbox(spans), area: spansArea(spans) };
}

export function segmentationBox(segmentation: Segmentation): BoxXYXY {
  return isPolygons(segmentation) ? polygonsBox(segmentation) : maskBox(segmentation);
}

const boxes = new WeakMap<Annotation, BoxXYXY>();

export function boxOf(annotation: Annotation): BoxXYXY {
  const { segmentation, bbox_xywh } = annotation;
  // Neither is ever changed in place, and the box is asked for at each move of the pointer.
  const known = boxes.get(annotation);
  if (known) return known;
  const box = isPolygons(segmentation) ? polygonsBox(segmentation) : toXYXY(bbox_xywh);
  boxes.set(annotation, box);
  return box;
}
