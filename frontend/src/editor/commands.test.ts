import { describe, expect, test, vi } from "vitest";
import { tools } from "../tools";
import { makeCommands, type PageActions } from "./commands";
import { commandFor, keyCaps } from "./keyboard";
import { serverAnnotation, square, testEditor } from "./testing";

const commands = makeCommands(tools);

function makePage(): PageActions {
  return {
    previousImage: vi.fn(),
    nextImage: vi.fn(),
    finish: vi.fn(),
    nextToDo: vi.fn(),
    copyFromPrevious: vi.fn(),
    toggleHelp: vi.fn(),
    toggleFilmstrip: vi.fn(),
    toggleEngines: vi.fn(),
    toggleCoverage: vi.fn(),
    toggleHistory: vi.fn(),
    openPalette: vi.fn(),
  };
}

test("no key means two commands, and no command has two meanings", () => {
  const keys = commands.flatMap((command) => command.keys);
  expect(keys).toEqual([...new Set(keys)]);
  const ids = commands.map(({ id }) => id);
  expect(ids).toEqual([...new Set(ids)]);
});

test("every tool can be taken up by its key", () => {
  const { editor } = testEditor(tools);
  for (const tool of tools) {
    commandFor(commands, tool.hotkey)?.run(editor, makePage());
    expect(editor.tool.get()).toBe(tool);
  }
});

test("a key is shown as its caps", () => {
  expect(keyCaps("Mod+Shift+Z")).toEqual(["Ctrl", "Shift", "Z"]);
  expect(keyCaps("Mod+Z", true)).toEqual(["⌘", "Z"]);
  expect(keyCaps("+")).toEqual(["+"]);
  expect(keyCaps("ArrowUp")).toEqual(["↑"]);
});

describe("a command", () => {
  const annotation = serverAnnotation("a", { segmentation: square(4, 4, 10) });

  function withSelected() {
    const made = testEditor(tools, [annotation]);
    made.editor.select("a");
    const run = (key: string) => commandFor(commands, key)?.run(made.editor, makePage());
    const box = () => made.editor.annotations.get("a")?.bbox_xywh;
    return { ...made, run, box };
  }

  test("nudges the selected annotation, as far as the image reaches", () => {
    const { run, box, editor } = withSelected();
    run("ArrowRight");
    run("Shift+ArrowDown");
    expect(box()).toEqual([5, 14, 10, 10]);
    run("Shift+ArrowLeft");
    expect(box()).toEqual([0, 14, 10, 10]);
    run("ArrowLeft");
    for (let i = 0; i < 3; i++) run("Mod+Z");
    expect(box()).toEqual([4, 4, 10, 10]);
    expect(editor.history.get().undo).toBeNull();
  });

  test("gives the selected annotation the category of the digit, and undo takes it back", () => {
    const { run, editor } = withSelected();
    run("2");
    expect(editor.annotations.get("a")?.category_id).toBe(2);
    expect(editor.activeCategory.get()).toBe(1);
    run("Mod+Z");
    expect(editor.annotations.get("a")?.category_id).toBe(1);
    run("Mod+Y");
    expect(editor.annotations.get("a")?.category_id).toBe(2);
  });

  test("picks the category to draw while nothing is selected", () => {
    const { run, editor } = withSelected();
    run("Escape");
    run("2");
    expect(editor.activeCategory.get()).toBe(2);
    run("9");
    expect(editor.activeCategory.get()).toBe(2);
  });

  test("deletes the selected annotation, and undo brings it back", () => {
    const { run, editor } = withSelected();
    run("Delete");
    expect(editor.annotations.all()).toEqual([]);
    expect(editor.selection.get()).toBeNull();
    run("Mod+Z");
    expect(editor.annotations.get("a")?.segmentation).toEqual(annotation.segmentation);
  });

  test("leaves to the page what only the page can do", () => {
    const { editor } = withSelected();
    const page = makePage();
    const keys = [
      ",",
      ".",
      "?",
      "I",
      "E",
      "Mod+K",
      "Shift+H",
      "Mod+Enter",
      ">",
      "Mod+Shift+V",
      "G",
    ];
    for (const key of keys) commandFor(commands, key)?.run(editor, page);
    for (const action of Object.values(page)) expect(action).toHaveBeenCalledTimes(1);
  });
});
