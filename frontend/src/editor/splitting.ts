import type { Point } from "../geometry/points";
import { runsArea } from "../geometry/runs";
import { sideOfLine } from "../geometry/split";
import { type Annotation, contentOf, type Segmentation } from "./annotation";
import { combine, segmentationRuns } from "./combine";
import type { Editor } from "./editor";
import { newId } from "./ids";

/** The two pieces that a line cuts, the larger one first; null where it cuts through nothing. */
export function piecesOf(
  editor: Editor,
  segmentation: Segmentation,
  line: readonly Point[],
): readonly [Segmentation, Segmentation] | null {
  const side = sideOfLine(line, editor.image);
  if (!side) return null;
  const left = combine("intersection", segmentation, [side], editor.image);
  const right = combine("difference", segmentation, [side], editor.image);
  if (!left || !right) return null;
  const area = (one: Segmentation) => runsArea(segmentationRuns(one, editor.image));
  return area(left) >= area(right) ? [left, right] : [right, left];
}

/** The larger piece stays the annotation; the other one becomes a new one of the same category, and order. */
export function split(editor: Editor, target: Annotation, line: readonly Point[]): void {
  const pieces = piecesOf(editor, target.segmentation, line);
  if (!pieces) {
    editor.notify({
      kind: "info",
      title: "Nothing was split",
      detail: "The line does not go through the annotation.",
    });
    return;
  }
  const [kept, piece] = pieces;
  editor.commit("Split annotation", [
    editor.changeOf(target, { segmentation: kept }),
    { id: newId(), before: null, after: { ...contentOf(target), segmentation: piece } },
  ]);
}
