import type { Editor } from "./editor";

/** The status line of a tool that draws shapes, with what the shape will do. */
export function shapeHint(editor: Editor, how: string): string {
  const combining = editor.combining.get();
  if (combining === "add")
    return `Adds to the selected annotation · ${how} · {escape}: draw new ones again`;
  if (combining === "cut")
    return `Cuts from the selected annotation · ${how} · {escape}: draw new ones again`;
  return how;
}
