import { expect, test } from "vitest";
import { tools } from "../tools";
import { makeCommands } from "./commands";
import { commandFor, keyOf } from "./keyboard";

const commands = makeCommands(tools);

function press(key: string, code = "", held: string[] = []) {
  return keyOf({
    key,
    code,
    ctrlKey: held.includes("ctrl"),
    metaKey: held.includes("meta"),
    shiftKey: held.includes("shift"),
    altKey: held.includes("alt"),
  });
}

test.each([
  ["z", "KeyZ", ["ctrl"], "undo"],
  ["z", "KeyZ", ["meta"], "undo"],
  ["Z", "KeyZ", ["ctrl", "shift"], "redo"],
  ["y", "KeyY", ["ctrl"], "redo"],
  ["!", "Digit1", ["shift"], "actual-size"],
  ["1", "Digit1", [], "category-1"],
  ["&", "Digit1", [], "category-1"],
  ["?", "Slash", ["shift"], "help"],
  [",", "Comma", [], "previous-image"],
  ["PageDown", "PageDown", [], "next-image"],
  ["ArrowLeft", "ArrowLeft", ["shift"], "nudge-Left-far"],
  ["+", "Equal", ["shift"], "zoom-in"],
  ["P", "KeyP", [], "tool-polygon"],
])("the keyboard's %s (%s, with %j) is the command %s", (key, code, held, id) => {
  expect(commandFor(commands, press(key, code, held))?.id).toBe(id);
});

test("Ctrl with a tool's key is the browser's, not the tool's", () => {
  expect(commandFor(commands, press("p", "KeyP", ["ctrl"]))).toBeUndefined();
});
