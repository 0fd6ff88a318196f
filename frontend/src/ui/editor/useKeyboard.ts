import { useEffect, useState } from "react";
import type { ImageDetail } from "../../api/client";
import type { Command } from "../../editor/commands";
import type { Editor } from "../../editor/editor";
import { commandFor, keyOf } from "../../editor/keyboard";
import { KeysAhead } from "../../editor/keys-ahead";
import { runCommand } from "../../editor/run-command";
import type { Page } from "./usePage";

const OWN_KEYS = "input, textarea, select, [contenteditable], [role=dialog], [role=menu]";

function isBusyElsewhere(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest(OWN_KEYS) !== null;
}

/**
 * Once for each time that the key is pressed: what says something about an image that must have been seen, and what
 * drops one thing after the other.
 */
const ONCE: ReadonlySet<string> = new Set(["done-next", "skip-next", "escape"]);

/** The keyboard of the editor. Keys that may be pressed before the next image is there wait for it. */
export function useKeyboard(
  image: ImageDetail | undefined,
  editor: Editor | null,
  commands: readonly Command[],
  { actions: page, isLeaving }: Page,
): void {
  const [ahead] = useState(() => new KeysAhead());
  /** Whether something was open when the key that is held was pressed. */
  const [held] = useState({ isForOpen: false });
  useEffect(() => {
    if (image) ahead.goOn(page, isLeaving);
  }, [ahead, image, page, isLeaving]);
  useEffect(() => {
    const tool = editor && !isLeaving() ? ahead.takeTool() : null;
    if (editor && tool) runCommand(tool, editor, page);
  }, [ahead, editor, page, isLeaving]);
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
      const isThere = editor !== null && !isLeaving();
      const command = commandFor(commands, key);
      if (!command) return;
      event.preventDefault();
      if (event.repeat && ONCE.has(command.id)) return;
      // What takes back points, and is held, ends with the last point, and does not go on with annotations.
      const isOpen = editor?.unfinished.isAny ?? false;
      if (!event.repeat) held.isForOpen = isOpen;
      else if (held.isForOpen && !isOpen) return;
      // Nor does one that is held leave what was just told to be unfinished.
      if (event.repeat && command.group === "Images" && isOpen) return;
      if (isThere) return runCommand(command, editor, page);
      // A key that is held down goes from image to image as they come, and ends when it is let go.
      if (!event.repeat) ahead.keep(command);
      if (image) ahead.goOn(page, isLeaving);
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
  }, [image, editor, commands, page, isLeaving, ahead, held]);
}
