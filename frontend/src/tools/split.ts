import type { Editor } from "../editor/editor";
import { type Gesture, gesture, type PointerStep } from "../editor/gesture";
import { annotationAt } from "../editor/hit";
import { isClick } from "../editor/reshape";
import { split } from "../editor/splitting";
import type { Tool } from "../editor/tool";
import { distance, type Point } from "../geometry/points";

/** How far the pointer moves until a line that is drawn freely gets its next point, in screen pixels. */
const STEP = 4;

/** The selected annotation, or the one under the middle of the line. */
function targetOf(editor: Editor, line: readonly Point[]) {
  const [a, b] = [line[Math.floor((line.length - 1) / 2)], line[Math.ceil((line.length - 1) / 2)]];
  if (!a || !b) return null;
  const middle: Point = [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
  return editor.selected() ?? annotationAt(editor.visibleNear(middle, 0), middle, 0);
}

function* cut(editor: Editor, down: PointerStep): Gesture {
  let line: readonly Point[] = [down.point];
  for (let step = yield; step.type !== "pointerup"; step = yield) {
    if (step.type !== "pointermove" || (line.length === 1 && isClick(down, step))) continue;
    const last = line.at(-1) ?? down.point;
    if (!step.shift) line = [down.point, step.point];
    else if (distance(last, step.point) >= STEP * step.unitsPerPixel) line = [...line, step.point];
    editor.draft.set({ kind: "line", points: line, isMeasured: false });
  }
  if (line.length < 2) {
    editor.select(annotationAt(editor.visibleNear(down.point, 0), down.point, 0)?.id ?? null);
    return;
  }
  editor.draft.set(null);
  const target = targetOf(editor, line);
  if (target) split(editor, target, line);
}

export default {
  id: "split",
  title: "Split",
  hotkey: "K",
  order: 30,
  cursor: "crosshair",
  icon: "split",
  keepsSelection: true,
  hints: [
    {
      keys: "Drag a line",
      does: "Split the selected annotation, or the one under the line, in two",
    },
    { keys: "Shift + drag", does: "Split along a line drawn freely" },
    { keys: "Click", does: "Select another annotation" },
  ],
  hint: (editor) =>
    editor.selected()
      ? "Drag a line through the selected annotation · Shift: draw it freely"
      : "Drag a line through an annotation · Shift: draw it freely",
  interactions: (editor) => [gesture((down) => cut(editor, down))],
} satisfies Tool;
