import { measured } from "./annotation";
import type { Editor } from "./editor";
import type { Notice } from "./options";
import type { Change } from "./store";

/** Whether a change leaves an annotation without a pixel, which the server would refuse. */
function emptied({ id, before, after }: Change): boolean {
  if (!after || after.segmentation === before?.segmentation) return false;
  return measured(id, after, undefined).area === 0;
}

/** What forbids changes, as the user is told; null when nothing does. */
export function obstacleTo(editor: Editor, changes: readonly Change[]): Notice | null {
  if (editor.isReadOnly) {
    return {
      kind: "info",
      title: "Only to be viewed",
      detail: "Your role in this project does not let you change annotations.",
    };
  }
  const locked = editor.visibility.locked.get();
  if (changes.some(({ id, before }) => before && locked.has(id))) {
    return {
      kind: "info",
      title: "This annotation is locked",
      detail: "Unlock it to change it.",
    };
  }
  if (changes.some(emptied)) {
    return {
      kind: "info",
      title: "Nothing would be left",
      detail: "It would cover the centre of no pixel. Nothing was changed.",
    };
  }
  return null;
}
