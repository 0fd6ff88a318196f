import { describe, expect, test } from "vitest";
import select from "../tools/select";
import { MOVES, type Move, reorder, reordered } from "./ordering";
import { serverAnnotation, square, testEditor } from "./testing";

/** Annotations that overlap, of these ids and places. */
function stack(places: Readonly<Record<string, number>>) {
  return Object.entries(places).map(([id, z_order]) => serverAnnotation(id, { z_order }));
}

/** The ids, lowest first, after the move. */
function orderAfter(places: Readonly<Record<string, number>>, id: string, move: Move): string[] {
  const { editor } = testEditor([select], stack(places));
  editor.selection.set(id);
  reorder(editor, move);
  return editor.annotations.all().map((one) => one.id);
}

describe("an annotation that is moved in the order", () => {
  test.each([
    ["raise", "b", ["a", "c", "b", "d"]],
    ["lower", "c", ["a", "c", "b", "d"]],
    ["to-front", "a", ["b", "c", "d", "a"]],
    ["to-back", "d", ["d", "a", "b", "c"]],
    ["raise", "d", ["a", "b", "c", "d"]],
    ["lower", "a", ["a", "b", "c", "d"]],
  ] as const)("%s %s", (move, id, expected) => {
    expect(orderAfter({ a: 1, b: 2, c: 3, d: 4 }, id, move)).toEqual(expected);
    expect(orderAfter({ a: -8, b: 2, c: 30, d: 44 }, id, move)).toEqual(expected);
    expect(orderAfter({ a: 0, b: 0, c: 0, d: 0 }, id, move)).toEqual(expected);
    expect(orderAfter({ a: 0, b: 0, c: 0, d: 1 }, id, move)).toEqual(expected);
  });

  test("passes what it does not overlap on the way to what it does", () => {
    const far = serverAnnotation("b", { z_order: 2, segmentation: square(50, 50, 4) });
    const all = [...stack({ a: 1 }), far, ...stack({ c: 3 })];
    const changes = reordered(all, "a", "raise");
    expect(changes.map(({ id, after }) => [id, after?.z_order])).toEqual([
      ["b", 1],
      ["c", 2],
      ["a", 3],
    ]);
    expect(reordered([...stack({ a: 1 }), far], "a", "raise")).toEqual([]);
  });

  test("is one step of undo, which says what was done", () => {
    const { editor } = testEditor([select], stack({ a: 1, b: 2 }));
    editor.selection.set("a");
    expect(reorder(editor, "raise")).toBe(true);
    expect(editor.history.get().undo).toBe(MOVES.raise);
    editor.undo();
    expect(editor.annotations.all().map((one) => one.id)).toEqual(["a", "b"]);
    expect(reorder(editor, "lower")).toBe(false);
  });
});
