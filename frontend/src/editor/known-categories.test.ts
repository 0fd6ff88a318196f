import { describe, expect, test } from "vitest";
import { tools } from "../tools";
import { pickCategory } from "./acts";
import type { Category } from "./annotation";
import { LastCategories, takeCategories } from "./known-categories";
import { square, testEditor } from "./testing";

const CAT: Category = { id: 1, name: "cat", color: "#ff6b6b", hotkey: "1", isthing: true };
const CUP: Category = { id: 2, name: "cup", color: "#4c8dff", hotkey: "2", isthing: true };
const SHAPE = { segmentation: square(10, 10, 20), source: "manual", score: null };

describe("when the category in hand was deleted elsewhere", () => {
  test("none takes its place, it is told once, and what is drawn waits for the one that is picked", () => {
    const { editor, notices } = testEditor(tools);
    editor.setTool("polygon");
    for (let i = 0; i < 2; i += 1) takeCategories(editor, [CUP]);
    expect(editor.activeCategory.get()).toBeNull();
    expect(notices.map(({ title, detail }) => [title, detail.slice(0, 30)])).toEqual([
      ["The category “cat” was deleted elsewhere", "Pick the category to draw next"],
    ]);

    editor.create(SHAPE, "Draw polygon");
    expect(editor.annotations.all()).toEqual([]);
    expect(editor.waiting.first).toHaveLength(1);
    pickCategory(editor, 2);
    expect(editor.annotations.all()).toMatchObject([{ category_id: 2 }]);
    expect(editor.waiting.first).toEqual([]);
    editor.create(SHAPE, "Draw polygon");
    expect(editor.annotations.all()).toHaveLength(2);
  });

  test("another that is deleted or added changes nothing in hand", () => {
    const { editor, notices } = testEditor(tools);
    takeCategories(editor, [CAT]);
    takeCategories(editor, [CUP, CAT]);
    expect(editor.activeCategory.get()).toBe(1);
    expect(notices).toEqual([]);
  });

  test("a category picked for what is selected does not answer for what was drawn", () => {
    const { editor } = testEditor(tools);
    const id = editor.create(SHAPE, "Draw polygon");
    takeCategories(editor, [CUP]);
    editor.create(SHAPE, "Draw polygon");
    editor.setTool("select");
    editor.select(id);
    pickCategory(editor, 2);
    expect(editor.annotations.get(id ?? "")?.category_id).toBe(2);
    expect(editor.waiting.first).toHaveLength(1);
  });
});

describe("the category of the next image", () => {
  test("is the first one at first, and then the one in hand, in each project by itself", () => {
    const last = new LastCategories();
    expect(last.of(1, [])).toBeNull();
    expect(last.of(1, [CAT, CUP])).toBe(1);
    last.note(1, 2);
    expect([last.of(1, [CAT, CUP]), last.of(9, [CAT, CUP])]).toEqual([2, 1]);
  });

  test("is none while the one that was in hand is gone", () => {
    const last = new LastCategories();
    last.note(1, 2);
    last.note(1, null);
    expect(last.of(1, [CAT])).toBeNull();
  });
});
