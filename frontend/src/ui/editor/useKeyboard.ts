import { useEffect } from "react";
import type { Command, PageActions } from "../../editor/commands";
import type { Editor } from "../../editor/editor";
import { commandFor, keyOf } from "../../editor/keyboard";
import { runCommand } from "../../editor/run-command";

const OWN_KEYS = "input, textarea, select, [contenteditable], [role=dialog], [role=menu]";

function isBusyElsewhere(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest(OWN_KEYS) !== null;
}

/** The keyboard of the editor: a running gesture first, then the commands. */
export function useKeyboard(
  editor: Editor | null,
  commands: readonly Command[],
  page: PageActions,
): void {
  useEffect(() => {
    const hand = (isHeld: boolean) => {
      editor?.viewport.holdHand(isHeld);
      if (editor) editor.viewport.setCursor(editor.tool.get().cursor);
    };
    const down = (event: KeyboardEvent) => {
      // An arrow that has moved a slider must not move the view as well.
      if (event.defaultPrevented || isBusyElsewhere(event.target)) return;
      const key = keyOf(event);
      const isOnButton = event.target instanceof Element && event.target.closest("button, a");
      if (isOnButton && (key === "Enter" || key === "Space")) return;
      if (key === "Space") {
        event.preventDefault();
        if (!event.repeat) hand(true);
        return;
      }
      if (editor?.keyToGesture(key)) return event.preventDefault();
      const command = commandFor(commands, key);
      if (!command || !editor) return;
      event.preventDefault();
      runCommand(command, editor, page);
    };
    const up = (event: KeyboardEvent) => event.key === " " && hand(false);
    const leave = () => hand(false);
    window.addEventListener("keydown", down);
    window.addEventListener("keyup", up);
    window.addEventListener("blur", leave);
    return () => {
      window.removeEventListener("keydown", down);
      window.removeEventListener("keyup", up);
      window.removeEventListener("blur", leave);
    };
  }, [editor, commands, page]);
}
