import type { Command } from "./commands";

interface KeyPress {
  readonly key: string;
  readonly code: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly shiftKey: boolean;
  readonly altKey: boolean;
}

/**
 * A key press as the registry writes it: "Mod+Shift+Z", "Shift+1", "?", "ArrowLeft".
 *
 * Mod is Ctrl, or Cmd on a Mac. A digit is taken by its place on the keyboard, since Shift makes another sign of it;
 * any other sign is what it prints, and Shift is then part of it.
 */
export function keyOf({ key, code, ctrlKey, metaKey, shiftKey, altKey }: KeyPress): string {
  const digit = /^Digit(\d)$/.exec(code)?.[1];
  const isSign = key.length === 1 && key.toLowerCase() === key.toUpperCase() && key !== " ";
  const name = digit ?? (key === " " ? "Space" : key.length === 1 ? key.toUpperCase() : key);
  const isShiftNamed = shiftKey && (digit !== undefined || !isSign);
  return [
    ctrlKey || metaKey ? "Mod+" : "",
    altKey ? "Alt+" : "",
    isShiftNamed ? "Shift+" : "",
    name,
  ].join("");
}

export function commandFor(commands: readonly Command[], key: string): Command | undefined {
  return commands.find((command) => command.keys.includes(key));
}

const NAMES: Readonly<Record<string, string>> = {
  ArrowLeft: "←",
  ArrowRight: "→",
  ArrowUp: "↑",
  ArrowDown: "↓",
  Escape: "Esc",
  Delete: "Del",
  PageUp: "PgUp",
  PageDown: "PgDn",
};

/** The parts of a key for showing: ["Ctrl", "Shift", "Z"]. */
export function keyCaps(key: string, isMac = false): string[] {
  if (key === "+") return ["+"];
  return key
    .split("+")
    .map((part) => (part === "Mod" ? (isMac ? "⌘" : "Ctrl") : (NAMES[part] ?? part)));
}
