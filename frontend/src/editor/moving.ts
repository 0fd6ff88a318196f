import { type BoxXYXY, clampMove } from "../geometry/boxes";
import type { Point } from "../geometry/points";
import { translatePolygons } from "../geometry/polygons";
import { encodeRLE } from "../geometry/rle";
import { translateRuns } from "../geometry/runs";
import { type Annotation, boxOf, isPolygons, type Segmentation } from "./annotation";
import type { Editor } from "./editor";
import { runsOf } from "./masks";
import type { Outlined } from "./reshape";
import { outline } from "./shapes";

/** A step of annotations, as far as the image reaches. */
export interface Moved {
  readonly step: Point;
  readonly annotations: readonly Annotation[];
}

export function unitedBox(boxes: readonly BoxXYXY[]): BoxXYXY {
  const side = (of: (...values: number[]) => number, at: 0 | 1 | 2 | 3) =>
    of(...boxes.map((box) => box[at]));
  return [side(Math.min, 0), side(Math.min, 1), side(Math.max, 2), side(Math.max, 3)];
}

/** All that is selected, the first one first. */
export function selectedAnnotations(editor: Editor): readonly Annotation[] {
  return [editor.selected() ?? [], editor.alsoSelected()].flat();
}

/** The same ones as they are now: whatever is selected meanwhile, a gesture goes on with what it began with. */
export function asTheyAre(editor: Editor, begunWith: readonly Annotation[]): readonly Annotation[] {
  return begunWith.flatMap(({ id }) => editor.annotations.get(id) ?? []);
}

/** Masks move by whole pixels, and all others with them; null when there is nothing to move. */
export function movedBy(
  editor: Editor,
  step: Point,
  annotations = selectedAnnotations(editor),
): Moved | null {
  if (annotations.length === 0) return null;
  const [dx, dy] = clampMove(unitedBox(annotations.map(boxOf)), step, editor.image);
  const isWhole = annotations.some(({ segmentation }) => !isPolygons(segmentation));
  return { step: isWhole ? [Math.trunc(dx), Math.trunc(dy)] : [dx, dy], annotations };
}

function translated(segmentation: Segmentation, [dx, dy]: Point): Segmentation {
  return isPolygons(segmentation)
    ? translatePolygons(segmentation, dx, dy)
    : encodeRLE(translateRuns(runsOf(segmentation), dx, dy));
}

/** Draw them where they would be, instead of where they are. */
export function showMoved(editor: Editor, { step, annotations }: Moved): void {
  const [first, ...also] = annotations.map(
    ({ id, segmentation }): Outlined => ({
      id,
      polygons: translatePolygons(outline(segmentation), ...step),
    }),
  );
  if (first) editor.draft.set({ kind: "change", ...first, also });
}

export function commitMoved(editor: Editor, { step, annotations }: Moved): void {
  const count = annotations.length;
  if (count === 0 || (step[0] === 0 && step[1] === 0)) return;
  editor.commit(
    count > 1 ? `Move ${count} annotations` : "Move annotation",
    annotations.map((one) =>
      editor.changeOf(one, { segmentation: translated(one.segmentation, step) }),
    ),
  );
}
