import type OlMap from "ol/Map";
import { afterEach, beforeEach, expect, test } from "vitest";
import { tools } from "../tools";
import { makeCommands } from "./commands";
import { commandFor, keyOf } from "./keyboard";
import { testEditor } from "./testing";

const commands = makeCommands(tools);

beforeEach(() => {
  // Less motion: the view is at once where it goes.
  Object.assign(globalThis, { matchMedia: () => ({ matches: true }) });
});
afterEach(() => void Reflect.deleteProperty(globalThis, "matchMedia"));

/** An image of 100 × 80 in a window where it fits at eight screen pixels for each of its own. */
function opened() {
  const { editor } = testEditor(tools);
  (Reflect.get(editor.viewport, "map") as OlMap).setSize([864, 704]);
  const press = (key: string, code: string, part: Partial<KeyboardEventInit> = {}) => {
    const pressed = keyOf(new KeyboardEvent("keydown", { key, code, ...part }));
    commandFor(commands, pressed)?.run(editor, undefined as never);
    return editor.viewport.scale.get();
  };
  return { editor, press };
}

test("an image is shown whole at first", () => {
  expect(opened().editor.viewport.scale.get()).toBe(8);
});

test.each([
  ["+ of the main keys", "+", "Equal", { shiftKey: true }, 12],
  ["the same without Shift", "=", "Equal", {}, 12],
  ["+ of the number pad", "+", "NumpadAdd", {}, 12],
  ["-", "-", "Minus", {}, 8 / 1.5],
  ["Shift+1, whatever it prints", "!", "Digit1", { shiftKey: true }, 1],
])("%s zooms", (_, key, code, part, scale) => {
  expect(opened().press(key, code, part)).toBeCloseTo(scale, 6);
});

test("F and 0 show the image whole again, and in the middle", () => {
  for (const [key, code] of [
    ["f", "KeyF"],
    ["0", "Digit0"],
  ] as const) {
    const { editor, press } = opened();
    press("+", "Equal", { shiftKey: true });
    editor.viewport.panBy([100, 50]);
    expect(press(key, code)).toBe(8);
    expect(editor.viewport.fromImage([50, 40])).toEqual([432, 352]);
  }
});

test("zooming ends at 64 screen pixels for one of the image, and at one where the window has room for more", () => {
  const { press } = opened();
  for (let i = 0; i < 9; i += 1) press("=", "Equal");
  expect(press("=", "Equal")).toBe(64);
  for (let i = 0; i < 19; i += 1) press("-", "Minus");
  expect(press("-", "Minus")).toBe(1);
});
