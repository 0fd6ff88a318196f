import { countVertices, type Polygons } from "../geometry/polygons";
import { polygonsToRuns } from "../geometry/raster";
import { runsIoU } from "../geometry/runs";
import { simplifyPolygons } from "../geometry/simplify";
import type { Annotation } from "./annotation";
import { segmentationRuns, toPolygons } from "./combine";
import type { Editor } from "./editor";
import { neighboursOf } from "./reshapable";

/** The slider's places, in pixels of the image. */
export const TOLERANCES: readonly number[] = [
  0, 0.25, 0.5, 0.75, 1, 1.5, 2, 3, 4, 6, 8, 12, 16, 24,
];

/** An annotation with fewer vertices, and what that costs. */
export interface Simpler {
  readonly id: string;
  readonly tolerance: number;
  readonly polygons: Polygons;
  readonly vertices: number;
  /** With the annotation as it is. */
  readonly iou: number;
}

export function simpler(editor: Editor, annotation: Annotation, tolerance: number): Simpler {
  const { id, segmentation } = annotation;
  const shared = new Set(
    neighboursOf(editor, annotation).flatMap((one) =>
      one.polygons
        .flat()
        .flatMap((ring) => ring.flatMap((x, i) => (i % 2 ? [] : `${x} ${ring[i + 1]}`))),
    ),
  );
  const polygons = simplifyPolygons(toPolygons(segmentation), tolerance, ([x, y]) =>
    shared.has(`${x} ${y}`),
  );
  const runs = polygonsToRuns(polygons, editor.image);
  const iou = runsIoU(segmentationRuns(segmentation, editor.image), runs);
  return { id, tolerance, polygons, vertices: countVertices(polygons), iou };
}

/** Show the selected annotation with fewer vertices; `applySimpler` takes it, anything else drops it. */
export function showSimpler(editor: Editor, tolerance: number): void {
  const selected = editor.selected();
  if (!selected || editor.isReadOnly) return;
  const found = simpler(editor, selected, tolerance);
  editor.simpler.set(found);
  editor.draft.set({ kind: "change", id: found.id, polygons: found.polygons });
}

export function dropSimpler(editor: Editor): boolean {
  if (!editor.simpler.get()) return false;
  editor.simpler.set(null);
  editor.draft.set(null);
  return true;
}

export function applySimpler(editor: Editor): boolean {
  const found = editor.simpler.get();
  if (!found) return false;
  dropSimpler(editor);
  editor.change(found.id, "Simplify", { segmentation: found.polygons });
  return true;
}
