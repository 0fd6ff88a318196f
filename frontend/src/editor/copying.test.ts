import { describe, expect, test } from "vitest";
import { tools } from "../tools";
import { pickCategory } from "./acts";
import { copyInto, withEdits } from "./copying";
import { RecentCategories, repeatCategory } from "./recent-categories";
import { content, serverAnnotation, square, testEditor } from "./testing";

const SIZE = { width: 100, height: 80 };
const low = content({ z_order: 3, category_id: 2, source: "grabcut", score: 0.5 });
const high = content({ z_order: 9, segmentation: square(2, 2, 4) });

describe("the annotations of another image", () => {
  test("are copied over those of this one, in their order, as one step", async () => {
    const { editor, server } = testEditor(tools, [serverAnnotation("a", { z_order: 5 })]);
    expect(copyInto(editor, { ...SIZE, contents: [low, high] })).toBe(2);
    const [own, first, second] = editor.annotations.all();
    expect(own?.id).toBe("a");
    expect(first).toMatchObject({ ...low, z_order: 6 });
    expect(second).toMatchObject({ ...high, z_order: 7 });
    expect(new Set([own?.id, first?.id, second?.id]).size).toBe(3);
    await editor.sync.idle();
    expect(server.annotations()).toHaveLength(3);
    editor.undo();
    expect(editor.annotations.all().map(({ id }) => id)).toEqual(["a"]);
  });

  test("are not put twice in one place", () => {
    const { editor } = testEditor(tools);
    copyInto(editor, { ...SIZE, contents: [low] });
    expect(copyInto(editor, { ...SIZE, contents: [low, high] })).toBe(1);
    expect(copyInto(editor, { ...SIZE, contents: [low, high] })).toBe(0);
    expect(editor.annotations.all()).toHaveLength(2);
  });

  test("stay away when the images differ in size", () => {
    const { editor } = testEditor(tools);
    expect(copyInto(editor, { width: 101, height: 80, contents: [low] })).toBeNull();
    expect(editor.annotations.all()).toEqual([]);
  });
});

test("edits on their way count as made", () => {
  const edit = { edit_id: "e", base_revision: 1 } as const;
  const found = withEdits(
    [serverAnnotation("a"), serverAnnotation("b", { z_order: 2 })],
    [
      { ...edit, op: "delete", annotation_id: "a", annotation: null },
      { ...edit, op: "create", annotation_id: "c", annotation: low },
      { ...edit, op: "update", annotation_id: "b", annotation: high },
    ],
  );
  expect(found).toEqual([low, high]);
});

describe("the last category", () => {
  test("is given to one annotation after the other", () => {
    const { editor } = testEditor(tools, [serverAnnotation("a"), serverAnnotation("b")]);
    editor.setTool("select");
    editor.select("a");
    pickCategory(editor, 2);
    editor.select("b");
    repeatCategory(editor);
    expect(editor.annotations.get("b")?.category_id).toBe(2);
  });

  test("takes turns with the one in hand", () => {
    const { editor } = testEditor(tools);
    pickCategory(editor, 2);
    pickCategory(editor, 1);
    repeatCategory(editor);
    expect(editor.activeCategory.get()).toBe(2);
    repeatCategory(editor);
    expect(editor.activeCategory.get()).toBe(1);
  });

  test("is kept from image to image, and left when it is gone from the project", () => {
    const recentCategories = new RecentCategories();
    pickCategory(testEditor(tools, [], { recentCategories }).editor, 2);
    const { editor } = testEditor(tools, [], { recentCategories });
    repeatCategory(editor);
    expect(editor.activeCategory.get()).toBe(2);
    recentCategories.note(99);
    repeatCategory(editor);
    expect(editor.activeCategory.get()).toBe(2);
  });

  test("is the one that was drawn with last", () => {
    const { editor } = testEditor(tools, [serverAnnotation("a")]);
    pickCategory(editor, 2);
    editor.create({ segmentation: square(9, 9, 4), source: "manual", score: null }, "Draw");
    editor.setTool("select");
    editor.select("a");
    repeatCategory(editor);
    expect(editor.annotations.get("a")?.category_id).toBe(2);
  });
});
