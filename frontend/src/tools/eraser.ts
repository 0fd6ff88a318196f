import { paintInteractions, resizeDiameter } from "../editor/painting";
import type { Tool } from "../editor/tool";

export default {
  id: "eraser",
  title: "Eraser",
  hotkey: "X",
  order: 24,
  cursor: "none",
  icon: "eraser",
  keepsSelection: true,
  hints: [
    { keys: "Drag", does: "Erase from the selected annotation, or from what is under the pointer" },
    { keys: "Alt + drag", does: "Paint more of the selected annotation" },
    { keys: "Shift + click", does: "A straight line from where the last stroke ended" },
    { keys: "Shift + wheel · {thinner} or {wider}", does: "Size of the eraser" },
  ],
  hint: (editor) =>
    editor.selected()
      ? "Drag erases from the selected annotation · Alt paints · {thinner} {wider} size · Shift+wheel: size"
      : "Drag erases from the annotation under the pointer · {thinner} {wider} size · Shift+wheel: size",
  resize: resizeDiameter,
  interactions: (editor) => paintInteractions(editor, false),
} satisfies Tool;
