import { gesture } from "../editor/gesture";
import { dragShape } from "../editor/shape-gesture";
import { shapeHint } from "../editor/shape-hint";
import type { Tool } from "../editor/tool";
import { ellipseRing } from "../geometry/ellipse";

export default {
  id: "ellipse",
  title: "Ellipse",
  hotkey: "O",
  order: 22,
  cursor: "crosshair",
  icon: "ellipse",
  isShape: true,
  isBoxed: true,
  hints: [
    { keys: "Drag", does: "Draw an ellipse into a box" },
    { keys: "Shift", does: "A circle" },
    { keys: "Alt", does: "From the middle" },
  ],
  hint: (editor) => shapeHint(editor, "Drag an ellipse · Shift: circle · Alt: from the middle"),
  interactions: (editor) => [
    gesture((down) => dragShape(editor, down, (box) => [[ellipseRing(box)]], "Draw ellipse")),
  ],
} satisfies Tool;
