import { gesture } from "../editor/gesture";
import { dragShape } from "../editor/shape-gesture";
import { shapeHint } from "../editor/shape-hint";
import type { Tool } from "../editor/tool";
import { boxCorners } from "../geometry/boxes";
import { ringFromPoints } from "../geometry/rings";

export default {
  id: "rectangle",
  title: "Rectangle",
  hotkey: "R",
  order: 21,
  cursor: "crosshair",
  icon: "rectangle",
  isShape: true,
  isBoxed: true,
  hints: [
    { keys: "Drag", does: "Draw a rectangle from corner to corner" },
    { keys: "Shift", does: "A square" },
    { keys: "Alt", does: "From the middle" },
  ],
  hint: (editor) => shapeHint(editor, "Drag a rectangle · Shift: square · Alt: from the middle"),
  interactions: (editor) => [
    gesture((down) =>
      dragShape(editor, down, (box) => [[ringFromPoints(boxCorners(box))]], "Draw rectangle"),
    ),
  ],
} satisfies Tool;
