import type { Command } from "./commands";
import { toggleTransform, turnBy, widenBy } from "./transforming";

function turn(id: string, degrees: number, key: string): Command {
  return {
    id,
    title: `Turn what is selected by ${Math.abs(degrees)}° ${degrees < 0 ? "to the left" : "to the right"}`,
    group: "Annotations",
    keys: [key],
    run: (editor) => void turnBy(editor, degrees),
  };
}

function widen(id: string, pixels: number, key: string): Command {
  const way = pixels > 0 ? "larger" : "smaller";
  return {
    id,
    title: `Make what is selected ${Math.abs(pixels)} px ${way}, in ratio`,
    group: "Annotations",
    keys: [key],
    run: (editor) => widenBy(editor, pixels),
  };
}

/** Scaling and rotating, by handles and by the keyboard alone. */
export const TRANSFORM_COMMANDS: readonly Command[] = [
  {
    id: "transform",
    title: "Scale and rotate what is selected by handles, on and off",
    group: "Annotations",
    keys: ["Shift+T"],
    run: toggleTransform,
  },
  turn("turn-left", -1, "{"),
  turn("turn-right", 1, "}"),
  turn("turn-left-far", -15, "Mod+Shift+ArrowLeft"),
  turn("turn-right-far", 15, "Mod+Shift+ArrowRight"),
  widen("larger", 1, "Mod+ArrowUp"),
  widen("smaller", -1, "Mod+ArrowDown"),
  widen("larger-far", 10, "Mod+Shift+ArrowUp"),
  widen("smaller-far", -10, "Mod+Shift+ArrowDown"),
];
