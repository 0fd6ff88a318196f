import { describe, expect, test } from "vitest";
import { tools } from "../tools";
import { EVERYTHING, isEverything, passes } from "./annotation-filter";
import { makeCommands, type PageActions } from "./commands";
import { commandFor } from "./keyboard";
import { reshapable } from "./reshapable";
import { runCommand } from "./run-command";
import { serverAnnotation, square, testEditor } from "./testing";

const cat = serverAnnotation("cat", { area: 16 });
const cup = serverAnnotation("cup", { category_id: 2, area: 400, source: "grabcut", score: 0.8 });
const unsure = serverAnnotation("unsure", { area: 100, source: "boxnet", score: 0.3 });

function open() {
  const made = testEditor(tools, [cat, cup, unsure]);
  const { editor } = made;
  editor.setTool("select");
  const run = (key: string) => {
    const command = commandFor(makeCommands(tools), key);
    if (command) runCommand(command, editor, {} as PageActions);
  };
  const seen = () => editor.visible().map(({ id }) => id);
  return { ...made, run, seen };
}

describe("a filter", () => {
  test.each([
    ["a category", { categories: [2] }, ["cup"]],
    ["a source", { sources: ["manual", "boxnet"] }, ["cat", "unsure"]],
    ["a score, which drawings by hand have not", { score: [0, 0.5] as const }, ["unsure"]],
    ["a size", { area: [50, 200] as const }, ["unsure"]],
    ["a least size", { area: [100, null] as const }, ["cup", "unsure"]],
    ["all at once", { categories: [1], score: [0.5, 1] as const }, []],
    ["nothing", {}, ["cat", "cup", "unsure"]],
  ])("lets through by %s", (_, part, expected) => {
    const { editor, seen } = open();
    editor.visibility.setFilter({ ...EVERYTHING, ...part });
    expect(seen()).toEqual(expected);
    expect(editor.hidden.get().size).toBe(3 - expected.length);
  });

  test("does not hide what is drawn while it is set", () => {
    const { editor, seen } = open();
    editor.visibility.setFilter({ ...EVERYTHING, categories: [2] });
    editor.create({ segmentation: cat.segmentation, source: "manual", score: null }, "Draw");
    expect(seen()).toHaveLength(2);
  });

  test("yields to the hand that shows one, until it is set again", () => {
    const { editor, seen } = open();
    editor.visibility.setFilter({ ...EVERYTHING, categories: [2] });
    editor.setHidden(["cat"], false);
    expect(seen()).toEqual(["cat", "cup"]);
    editor.visibility.setFilter({ ...EVERYTHING, categories: [2], sources: ["grabcut"] });
    expect(seen()).toEqual(["cup"]);
  });

  test("leaves hidden what was hidden by hand when it is taken away", () => {
    const { editor, seen } = open();
    editor.setHidden(["cup"], true);
    editor.visibility.setFilter({ ...EVERYTHING, categories: [2] });
    editor.visibility.setFilter(EVERYTHING);
    expect(seen()).toEqual(["cat", "unsure"]);
    editor.visibility.showAll();
    expect(seen()).toEqual(["cat", "cup", "unsure"]);
  });

  test("that lets everything through is known as such", () => {
    expect(isEverything(EVERYTHING)).toBe(true);
    expect(isEverything({ ...EVERYTHING, score: [0.1, 1] })).toBe(false);
    expect([cat, cup, unsure].every((one) => passes(EVERYTHING, one))).toBe(true);
  });
});

test("one is shown alone by a key, and all again by the same key", () => {
  const { editor, run, seen } = open();
  editor.select("cup");
  run("Shift+O");
  expect(seen()).toEqual(["cup"]);
  run("Shift+O");
  expect(seen()).toEqual(["cat", "cup", "unsure"]);
});

describe("a locked annotation", () => {
  function locked() {
    const made = open();
    made.editor.select("cup");
    made.run("Shift+L");
    return made;
  }

  test("is seen, but cannot be pointed at", () => {
    const { editor, seen } = locked();
    expect(seen()).toEqual(["cat", "unsure"]);
    expect(editor.hidden.get().has("cup")).toBe(false);
  });

  test("cannot be changed, and it is told why", () => {
    const { editor, run, notices } = locked();
    expect(reshapable(editor)).toBeNull();
    for (const key of ["Delete", "ArrowRight", "1"]) run(key);
    expect(editor.annotations.get("cup")).toEqual(cup);
    expect(notices.map(({ title }) => title)).toEqual(Array(3).fill("This annotation is locked"));
  });

  test("holds up undo and redo, which is told, and both go on from there once it is unlocked", () => {
    const { editor, run, notices } = open();
    const category = () => editor.annotations.get("cup")?.category_id;
    editor.select("cup");
    run("1");
    editor.select("cat");
    run("2");
    run("Mod+Z");
    run("Mod+Z");
    run("Mod+Y");
    editor.select("cup");
    run("Shift+L");
    run("Mod+Z");
    expect([category(), editor.history.get()]).toEqual([
      1,
      { undo: "Change category", redo: "Change category" },
    ]);
    run("Mod+Y");
    expect(editor.annotations.get("cat")?.category_id).toBe(2);
    run("Mod+Z");
    run("Mod+Z");
    expect(notices.map(({ title }) => title)).toEqual(
      Array(2).fill("The step changes a locked annotation"),
    );
    run("Shift+L");
    run("Mod+Z");
    expect(category()).toBe(2);
    run("Shift+L");
    run("Mod+Y");
    expect(category()).toBe(2);
    expect(notices).toHaveLength(3);
  });

  test("that was drawn in a step stays when the step is undone", () => {
    const { editor, run } = open();
    const id = editor.create({ ...cat, segmentation: square(50, 50, 4) }, "Draw annotation") ?? "";
    editor.select(id);
    run("Shift+L");
    run("Mod+Z");
    expect(editor.annotations.get(id)).toBeDefined();
  });

  test("is as before once it is unlocked", () => {
    const { editor, run } = locked();
    run("Shift+L");
    run("Delete");
    expect(editor.annotations.get("cup")).toBeUndefined();
  });
});
