import type { Editor } from "./editor";
import { type GestureRunner, gesture, type PointerStep } from "./gesture";
import { drawMark, labelOf } from "./marking";
import type { Label } from "./prompt";

/** The first mark is inside: an engine can start from nothing else. */
function labelAt(editor: Editor, step: PointerStep): Label {
  if (editor.proposals.state.get() === null) return 1;
  return labelOf(editor.marking.mode.get() ?? 1, step);
}

/** Clicks and strokes that ask an engine: what is inside and, with Alt, outside. */
export function pointInteractions(editor: Editor): readonly GestureRunner[] {
  return [
    gesture((down) => drawMark(editor, down, labelAt(editor, down)), {
      hover: (step) =>
        editor.marking.pointer.set({ point: step.point, label: labelAt(editor, step) }),
    }),
  ];
}

/** The status line of a tool that starts from points. */
export function pointHint(editor: Editor, how: string): string {
  const kind = editor.proposals.state.get()?.kind;
  if (kind === "running") return "Working… · Click to add more · {escape} cancels";
  if (kind === "ready") {
    const [here, there] =
      editor.marking.mode.get() === 0 ? ["outside", "inside"] : ["inside", "outside"];
    return `Click or draw what is ${here} · Alt: ${there} · {thinner} {wider} size · {delete} takes back · {accept} accepts · {escape} drops`;
  }
  return how;
}
