import type { Editor } from "../editor/editor";
import { type Gesture, gesture, type PointerStep } from "../editor/gesture";
import { measureText } from "../editor/measuring";
import { isClick } from "../editor/reshape";
import type { Tool } from "../editor/tool";
import type { Point } from "../geometry/points";

/** With Shift level, upright or half way between. */
function endOf(from: Point, { point, shift }: PointerStep): Point {
  if (!shift) return point;
  const [dx, dy] = [point[0] - from[0], point[1] - from[1]];
  const [across, along] = [Math.abs(dx), Math.abs(dy)];
  if (across > 2 * along) return [point[0], from[1]];
  if (along > 2 * across) return [from[0], point[1]];
  const side = Math.min(across, along);
  return [from[0] + Math.sign(dx) * side, from[1] + Math.sign(dy) * side];
}

/** The line stays until the next press. */
function* measure(editor: Editor, down: PointerStep): Gesture {
  let step = yield;
  for (;;) {
    if (step.type === "pointerdown") break;
    if (step.type === "pointermove" && !isClick(down, step)) {
      const points = [down.point, endOf(down.point, step)];
      editor.draft.set({ kind: "line", points, isMeasured: true });
    }
    if (step.type === "pointerup") {
      if (editor.draft.get() === null) return;
      // What moves now is a pointer that drags nothing.
      do step = yield;
      while (step.type !== "pointerdown");
      return;
    }
    step = yield;
  }
}

function hint(editor: Editor): string {
  const draft = editor.draft.get();
  const [a, b] = draft?.kind === "line" ? draft.points : [];
  return a && b
    ? `${measureText(a, b)} · Click: ends · {escape} ends`
    : "Drag a line to measure it · Shift: level or upright";
}

export default {
  id: "measure",
  title: "Measure",
  hotkey: "M",
  order: 40,
  cursor: "crosshair",
  icon: "ruler",
  hints: [
    { keys: "Drag", does: "Length, width, height and angle of a line" },
    { keys: "Shift", does: "Level, upright, or half way between" },
  ],
  hint,
  interactions: (editor) => [gesture((down) => measure(editor, down))],
} satisfies Tool;
