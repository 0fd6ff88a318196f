import { fillAt } from "../editor/filling";
import { gesture } from "../editor/gesture";
import type { Tool } from "../editor/tool";

export default {
  id: "fill",
  title: "Fill",
  hotkey: "T",
  order: 25,
  cursor: "crosshair",
  icon: "fill",
  keepsSelection: true,
  hints: [
    { keys: "Click", does: "Make an annotation of the gap between others" },
    { keys: "Click, one selected", does: "Fill a hole of the selected annotation" },
  ],
  hint: (editor) =>
    editor.selected()
      ? "Click into a hole of the selected annotation · {escape}: fill gaps between annotations"
      : "Click into a gap between annotations to make it one",
  interactions: (editor) => [
    gesture(function* (down) {
      let step = yield;
      while (step.type !== "pointerup") step = yield;
      fillAt(editor, down.point);
    }),
  ],
} satisfies Tool;
