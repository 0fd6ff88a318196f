import { describe, expect, test } from "vitest";
import { tools } from "../tools";
import { nudge, pickCategory, removeHotOrSelected } from "./acts";
import type { Edit } from "./journal";
import { reshapable } from "./reshapable";
import { content, serverAnnotation, square, testEditor } from "./testing";

const OUTLINE = { segmentation: square(10, 10, 20), source: "manual", score: null };

describe("every change is one step of undo", () => {
  test("drawing, another category, moving, deleting: back to nothing and forth again", () => {
    const { editor } = testEditor(tools);
    const states: string[] = [];
    const note = () => states.push(JSON.stringify(editor.annotations.all()));
    note();
    editor.create(OUTLINE, "Draw polygon");
    note();
    const id = editor.annotations.all()[0]?.id ?? "";
    editor.setTool("select");
    editor.select(id);
    pickCategory(editor, 2);
    note();
    nudge(editor, [1, 0]);
    note();
    removeHotOrSelected(editor);
    note();
    const forth = [...states];
    for (const state of [...states].reverse().slice(1)) {
      editor.undo();
      expect(JSON.stringify(editor.annotations.all())).toBe(state);
    }
    expect(editor.history.get()).toEqual({ undo: null, redo: "Draw polygon" });
    for (const state of forth.slice(1)) {
      editor.redo();
      expect(JSON.stringify(editor.annotations.all())).toBe(state);
    }
  });

  test("the server ends with what is shown, whatever was undone", async () => {
    const { editor, server } = testEditor(tools, [serverAnnotation("a")]);
    editor.remove("a");
    editor.undo();
    editor.create(OUTLINE, "Draw polygon");
    editor.undo();
    editor.redo();
    await editor.sync.idle();
    expect(
      server
        .annotations()
        .map(({ id }) => id)
        .sort(),
    ).toEqual(
      editor.annotations
        .all()
        .map(({ id }) => id)
        .sort(),
    );
  });
});

test("what is drawn before there is a category waits for the first one", () => {
  const { editor } = testEditor(tools, [], { categories: [], activeCategory: null });
  editor.create(OUTLINE, "Draw polygon");
  expect(editor.annotations.all()).toEqual([]);
  editor.waiting.give(3);
  expect(editor.annotations.all()[0]).toMatchObject({ category_id: 3, source: "manual" });
  editor.undo();
  expect(editor.annotations.all()).toEqual([]);
});

test("a digit is for what is selected when selecting, and for what is drawn next when drawing", () => {
  const { editor } = testEditor(tools, [serverAnnotation("a")]);
  editor.setTool("select");
  editor.select("a");
  pickCategory(editor, 2);
  expect(editor.annotations.get("a")?.category_id).toBe(2);
  expect(editor.activeCategory.get()).toBe(1);
  editor.setTool("polygon");
  pickCategory(editor, 2);
  expect(editor.activeCategory.get()).toBe(2);
});

test("a conflict keeps both: theirs in its place, mine beside it", async () => {
  const { editor, server, notices } = testEditor(tools, [serverAnnotation("a")]);
  const theirs = serverAnnotation("a", { revision: 2, category_id: 2 });
  server.held.set("a", { revision: 2, annotation: theirs });
  editor.setTool("select");
  editor.select("a");
  nudge(editor, [5, 0]);
  await editor.sync.idle();
  expect(editor.annotations.get("a")).toEqual(theirs);
  const mine = editor.annotations.all().find(({ id }) => id !== "a");
  expect(mine?.segmentation).toEqual(square(5, 0, 4));
  expect(server.annotations().length).toBe(2);
  expect(editor.disputes.open.get()).toEqual([{ theirs: "a", mine: mine?.id }]);
  expect(notices).toEqual([]);
  expect(editor.sync.status.get().state).toBe("saved");
});

test("two tabs that send the same stale edits keep one copy of mine, not two", async () => {
  const stale: Edit = {
    edit_id: "0c8f2b6e-6d1b-4f3c-9d57-0a1b2c3d4e0f",
    op: "update",
    annotation_id: "a",
    base_revision: 1,
    annotation: content({ segmentation: square(5, 0, 4) }),
  };
  const theirs = serverAnnotation("a", { revision: 2 });
  const first = testEditor(tools, [theirs], { pending: [stale] });
  const second = testEditor(tools, [theirs], { pending: [stale], send: first.server.send });
  await first.editor.sync.idle();
  await second.editor.sync.idle();
  expect(first.server.annotations().length).toBe(2);
  expect(second.editor.annotations.all().map(({ id }) => id)).toEqual(
    first.editor.annotations.all().map(({ id }) => id),
  );
  expect(second.editor.disputes.open.get()).toEqual(first.editor.disputes.open.get());
});

test("a refused change is taken back and told", async () => {
  const { editor, server, notices } = testEditor(tools, [serverAnnotation("a")]);
  server.script = [{ kind: "refused", detail: "No such category." }];
  editor.change("a", "Change category", { category_id: 99 });
  await editor.sync.idle();
  expect(editor.annotations.get("a")?.category_id).toBe(1);
  expect(editor.history.get().undo).toBeNull();
  expect(notices).toMatchObject([{ kind: "error", detail: "No such category." }]);
});

test("who may only look changes nothing", () => {
  const { editor, notices } = testEditor(tools, [serverAnnotation("a")], { isReadOnly: true });
  editor.remove("a");
  expect(editor.annotations.get("a")).toBeDefined();
  expect(notices.length).toBe(1);
});

test("moving by keys stops at the image's border and never deforms", () => {
  const { editor } = testEditor(tools, [serverAnnotation("a")]);
  editor.setTool("select");
  editor.select("a");
  for (let i = 0; i < 30; i++) nudge(editor, [10, 10]);
  expect(editor.annotations.get("a")?.segmentation).toEqual(
    square(0, 0, 4).map((part) =>
      part.map((ring) => ring.map((value, i) => value + (i % 2 === 0 ? 96 : 76))),
    ),
  );
});

test("an RLE can be deleted and given another category, but has no vertices", () => {
  const rle = serverAnnotation("r", { segmentation: { size: [80, 100], counts: [0, 16, 7984] } });
  const { editor } = testEditor(tools, [rle]);
  editor.setTool("select");
  editor.select("r");
  expect(reshapable(editor)).toBeNull();
  pickCategory(editor, 2);
  expect(editor.annotations.get("r")).toMatchObject({ category_id: 2, area: 16 });
  removeHotOrSelected(editor);
  expect(editor.annotations.all()).toEqual([]);
});

test("what was just drawn is in hand when the select tool is taken up", () => {
  const { editor } = testEditor(tools);
  editor.setTool("polygon");
  editor.create(OUTLINE, "Draw polygon");
  expect(editor.selected()).toBeNull();
  editor.setTool("select");
  expect(editor.selected()?.segmentation).toEqual(OUTLINE.segmentation);
});
