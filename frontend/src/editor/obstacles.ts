import type { Editor } from "./editor";
import type { Notice } from "./options";
import type { Change } from "./store";

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
  return null;
}
