import { paintInteractions, resizeDiameter } from "../editor/painting";
import type { Tool } from "../editor/tool";

export default {
  id: "brush",
  title: "Brush",
  hotkey: "D",
  order: 23,
  cursor: "none",
  icon: "brush",
  keepsSelection: true,
  hints: [
    { keys: "Drag", does: "Paint: a new annotation, or more of the selected one" },
    { keys: "Alt + drag", does: "Erase from the selected annotation" },
    { keys: "Shift + click", does: "A straight line from where the last stroke ended" },
    { keys: "Shift + wheel · {thinner} or {wider}", does: "Size of the brush" },
    {
      keys: "{accept} · {escape}",
      does: "Done with this annotation: the next stroke begins another",
    },
  ],
  hint: (editor) =>
    editor.selected()
      ? "Drag adds to the selected annotation · Alt erases · Shift+click draws a line · {thinner} {wider} size · {accept}: next annotation"
      : "Drag paints a new annotation · {thinner} {wider} size · Shift+wheel: size",
  resize: resizeDiameter,
  interactions: (editor) => paintInteractions(editor, true),
} satisfies Tool;
