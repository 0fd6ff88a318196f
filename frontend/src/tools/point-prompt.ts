import type { Editor } from "../editor/editor";
import { gesture, type PointerStep } from "../editor/gesture";
import { drawMark, labelOf } from "../editor/marking";
import type { Label } from "../editor/prompt";
import type { Tool } from "../editor/tool";

/** The first mark is inside: an engine can start from nothing else. */
function labelAt(editor: Editor, step: PointerStep): Label {
  if (editor.proposals.state.get() === null) return 1;
  return labelOf(editor.marking.mode.get() ?? 1, step);
}

function hint(editor: Editor): string {
  const kind = editor.proposals.state.get()?.kind;
  if (kind === "running") return "Working… · Click to add more · Esc cancels";
  if (kind === "ready") {
    const [here, there] =
      editor.marking.mode.get() === 0 ? ["outside", "inside"] : ["inside", "outside"];
    return `Click or draw what is ${here} · Alt: ${there} · [ ] size · Backspace takes back · Enter accepts · Esc drops`;
  }
  return "Click into an object, or draw over it · E chooses the engine";
}

export default {
  id: "point-prompt",
  title: "Points",
  hotkey: "W",
  order: 11,
  cursor: "crosshair",
  startsFrom: "points",
  icon: "wand",
  hints: [
    { keys: "Click or draw", does: "Ask for a proposal of what is there, then add to it" },
    { keys: "Alt + click or draw", does: "Remove from the proposal" },
    { keys: "S, then click or draw", does: "The same without Alt" },
    { keys: "Backspace", does: "Take back the last point or stroke" },
    { keys: "Enter", does: "Accept the proposal" },
    { keys: "Esc", does: "Cancel the engine, drop the proposal" },
  ],
  hint,
  interactions: (editor) => [
    gesture((down) => drawMark(editor, down, labelAt(editor, down)), {
      hover: (step) =>
        editor.marking.pointer.set({ point: step.point, label: labelAt(editor, step) }),
    }),
  ],
  leave: (editor) => editor.proposals.drop(),
} satisfies Tool;
