import { describe, expect, test } from "vitest";
import { tools } from "../tools";
import type { Verdict } from "./disputes";
import { serverAnnotation, square, testEditor } from "./testing";

const THEIRS = serverAnnotation("a", { revision: 2, category_id: 2 });

/** The user has moved an annotation that somebody else has given another category, or deleted. */
async function disputed(theirs: typeof THEIRS | null = THEIRS) {
  const made = testEditor(tools, [serverAnnotation("a")]);
  made.server.held.set("a", { revision: 2, annotation: theirs });
  made.editor.change("a", "Move annotation", { segmentation: square(5, 0, 4) });
  await made.editor.sync.idle();
  const [dispute] = made.editor.disputes.open.get();
  if (!dispute) throw new Error("There is a dispute.");
  return { ...made, dispute };
}

const kept = (annotations: readonly { category_id: number; segmentation: unknown }[]) =>
  annotations.map(({ category_id, segmentation }) => [category_id, segmentation]);
const OLD = square(0, 0, 4);
const MOVED = square(5, 0, 4);

describe("of two versions of an annotation", () => {
  test.each([
    ["theirs", [[2, OLD]]],
    ["mine", [[1, MOVED]]],
    [
      "both",
      [
        [2, OLD],
        [1, MOVED],
      ],
    ],
  ] as [Verdict, unknown[]][])(
    "%s can be kept, here and on the server",
    async (verdict, expected) => {
      const { editor, server, dispute } = await disputed();
      editor.disputes.settle(dispute, verdict);
      await editor.sync.idle();
      expect(editor.disputes.open.get()).toEqual([]);
      expect(kept(editor.annotations.all()).sort()).toEqual([...expected].sort());
      expect(kept(server.annotations()).sort()).toEqual([...expected].sort());
    },
  );

  test("mine takes the id of theirs, and undo brings both back", async () => {
    const { editor, dispute } = await disputed();
    editor.disputes.settle(dispute, "mine");
    expect(editor.annotations.all().map(({ id }) => id)).toEqual(["a"]);
    editor.undo();
    expect(editor.annotations.all()).toHaveLength(2);
  });

  test("mine stays under its new id where theirs is deleted", async () => {
    const { editor, server, dispute } = await disputed(null);
    editor.disputes.settle(dispute, "mine");
    await editor.sync.idle();
    expect(kept(server.annotations())).toEqual([[1, MOVED]]);
  });

  test("mine is not written over a third version in silence", async () => {
    const { editor, server, dispute } = await disputed();
    const third = serverAnnotation("a", { revision: 3, segmentation: square(9, 9, 4) });
    server.held.set("a", { revision: 3, annotation: third });
    editor.disputes.settle(dispute, "mine");
    await editor.sync.idle();
    expect(editor.annotations.get("a")).toEqual(third);
    expect(editor.disputes.open.get()).toHaveLength(1);
    expect(kept(server.annotations())).toContainEqual([1, MOVED]);
  });

  test("none is chosen while an earlier moment is shown, and the question stays", async () => {
    const { editor, dispute } = await disputed();
    editor.past.show({ id: null, contents: new Map(), deleted: [] });
    editor.disputes.settle(dispute, "mine");
    editor.past.leave();
    expect([editor.disputes.open.get().length, editor.annotations.all().length]).toEqual([1, 2]);
  });

  test("none is asked for any more when the copy is deleted by hand", async () => {
    const { editor, dispute } = await disputed();
    editor.remove(dispute.mine);
    expect(editor.disputes.open.get()).toEqual([]);
  });
});
