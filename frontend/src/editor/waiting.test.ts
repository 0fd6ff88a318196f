import { describe, expect, test } from "vitest";
import { tools } from "../tools";
import type { Edit, Journal } from "./journal";
import { openJournal } from "./journal";
import type { EditorOptions } from "./options";
import type { SendOutcome } from "./sync";
import { serverAnnotation, square, TestServer, testEditor } from "./testing";

const IMAGE = 7;
const MANUAL = { source: "manual", score: null };

/** A server whose category 1 somebody deletes. */
class Server extends TestServer {
  isGone = false;
  readonly sendTo = async (image: number, edits: readonly Edit[]): Promise<SendOutcome> => {
    const [first] = edits;
    // Revisions are looked at first.
    const isStale = this.held.get(first?.annotation_id ?? "")?.revision !== first?.base_revision;
    const isOfGone = edits.some(({ annotation }) => annotation?.category_id === 1);
    return this.isGone && isOfGone && !(isStale && first?.base_revision)
      ? { kind: "refused", detail: "The project has no category 1.", isCategoryGone: true }
      : this.send(image, edits);
  };
}

function editorOn(server: Server, journal: Journal, part: Partial<EditorOptions> = {}) {
  let refreshed = 0;
  const refreshCategories = () => {
    refreshed += 1;
  };
  const send = server.sendTo;
  const made = testEditor(tools, server.annotations(), {
    journal,
    send,
    refreshCategories,
    ...part,
  });
  const draw = (x: number) =>
    made.editor.create({ segmentation: square(x, 0, 4), ...MANUAL }, "Draw");
  return { ...made, draw, refreshed: () => refreshed };
}

let count = 0;
const newJournal = () => openJournal(`waiting ${count++}`);
const corners = (outlines: readonly { segmentation: unknown }[]) =>
  outlines.map(({ segmentation }) => (segmentation as number[][][])[0]?.[0]?.[0]);
const stored = (server: Server) =>
  server
    .annotations()
    .map(({ category_id, segmentation }) => [category_id, ...corners([{ segmentation }])]);

describe("outlines that wait for a category", () => {
  const three = () => {
    const made = testEditor(tools, [], { activeCategory: null });
    for (const x of [10, 20, 30]) {
      made.editor.create({ segmentation: square(x, 0, 4), ...MANUAL }, "Draw");
    }
    return made;
  };

  test("are given none while an earlier moment is shown, and stay", () => {
    const { editor } = three();
    editor.past.show({ id: null, contents: new Map(), deleted: [] });
    editor.waiting.give(1);
    expect([editor.waiting.outlines.get().length, editor.annotations.all().length]).toEqual([3, 0]);
    editor.past.leave();
    editor.waiting.give(1);
    expect(editor.annotations.all()).toHaveLength(3);
  });

  test("go one by one with Escape, the last one first", () => {
    const { editor } = three();
    editor.escape();
    expect(corners(editor.waiting.outlines.get())).toEqual([10, 20]);
    editor.undo();
    expect(corners(editor.waiting.outlines.get())).toEqual([10, 20, 30]);
  });

  test("wait on where others have their pixels, and one draws underneath", () => {
    const { editor, notices } = three();
    editor.waiting.give(1);
    editor.activeCategory.set(null);
    editor.create({ segmentation: square(10, 0, 4), ...MANUAL }, "Draw");
    editor.drawing.isUnderneath.set(true);
    editor.waiting.give(1);
    expect(corners(editor.waiting.outlines.get())).toEqual([10]);
    expect(notices.map(({ title }) => title)).toEqual(["Nothing was drawn"]);
  });
});

describe("what was drawn of a category that was deleted elsewhere", () => {
  test("stays on the canvas and in the journal, and is stored with the category named for it", async () => {
    const server = new Server();
    const journal = await newJournal();
    const { editor, draw, notices, refreshed } = editorOn(server, journal);
    server.isGone = true;
    for (const x of [10, 20]) draw(x);
    await editor.sync.idle();
    expect(corners(editor.waiting.outlines.get())).toEqual([10, 20]);
    expect(editor.annotations.all()).toEqual([]);
    expect(editor.sync.status.get()).toEqual({ state: "held", pending: 2 });
    expect(await journal.pending(IMAGE)).toHaveLength(2);
    // Told once, and not to be chosen any more.
    expect(notices.map(({ title }) => title)).toEqual(["The category “cat” was deleted elsewhere"]);
    expect(refreshed()).toBe(1);
    expect(editor.categories.get().map(({ id }) => id)).toEqual([2]);
    // None takes its place by itself.
    expect(editor.activeCategory.get()).toBeNull();
    expect(notices[0]?.detail).toContain("Pick the category to draw next");

    editor.escape();
    expect(editor.waiting.outlines.get()).toHaveLength(2);
    editor.waiting.give(2);
    await editor.sync.idle();
    expect(stored(server)).toEqual([
      [2, 10],
      [2, 20],
    ]);
    expect(editor.sync.status.get().state).toBe("saved");
    await expect.poll(() => journal.pending(IMAGE)).toEqual([]);
    editor.undo();
    expect(editor.annotations.all()).toEqual([]);
  });

  test("waits again after a reload, with all that was done to it", async () => {
    const server = new Server();
    const journal = await newJournal();
    const first = editorOn(server, journal);
    server.isGone = true;
    const id = first.draw(10) ?? "";
    first.editor.change(id, "Move annotation", { segmentation: square(30, 0, 4) });
    await first.editor.sync.idle();
    first.editor.dispose();

    const pending = await journal.pending(IMAGE);
    const left = [{ id: 2, name: "cup", color: "#4c8dff", hotkey: "2", isthing: true }];
    const again = editorOn(server, journal, { pending, categories: left, activeCategory: 2 });
    await again.editor.sync.idle();
    expect(corners(again.editor.waiting.outlines.get())).toEqual([30]);
    again.editor.waiting.give(2);
    await again.editor.sync.idle();
    expect(stored(server)).toEqual([[2, 30]]);
  });

  test("leaves the journal when the user drops it", async () => {
    const server = new Server();
    const journal = await newJournal();
    const { editor, draw } = editorOn(server, journal);
    server.isGone = true;
    draw(10);
    await editor.sync.idle();
    editor.waiting.drop();
    expect(editor.waiting.outlines.get()).toEqual([]);
    expect(editor.sync.status.get().state).toBe("saved");
    await expect.poll(() => journal.pending(IMAGE)).toEqual([]);
  });

  test("needs no word where it got another category before the server saw it", async () => {
    const server = new Server();
    const { editor, draw } = editorOn(server, await newJournal());
    server.isGone = true;
    editor.change(draw(10) ?? "", "Change category", { category_id: 2 });
    await editor.sync.idle();
    expect(editor.waiting.outlines.get()).toEqual([]);
    expect(stored(server)).toEqual([[2, 10]]);
  });
});

test("an annotation that was given a deleted category keeps its own, and what was drawn meanwhile", async () => {
  const server = new Server([serverAnnotation("a", { category_id: 2 })]);
  const { editor } = editorOn(server, await newJournal());
  server.isGone = true;
  editor.change("a", "Change category", { category_id: 1 });
  editor.change("a", "Move annotation", { segmentation: square(30, 0, 4) });
  await editor.sync.idle();
  expect(editor.waiting.outlines.get()).toEqual([]);
  expect(stored(server)).toEqual([[2, 30]]);
  expect(editor.annotations.get("a")?.category_id).toBe(2);
});

test("one that somebody deleted with its category waits with what was made of it", async () => {
  const server = new Server([serverAnnotation("a")]);
  const { editor } = editorOn(server, await newJournal());
  server.held.set("a", { revision: 2, annotation: null });
  server.isGone = true;
  editor.change("a", "Move annotation", { segmentation: square(30, 0, 4) });
  await editor.sync.idle();
  expect(corners(editor.waiting.outlines.get())).toEqual([30]);
  expect(editor.disputes.open.get()).toEqual([]);
});

test("two shapes drawn before there is any category both wait for it", () => {
  const { editor } = testEditor(tools, [], { categories: [], activeCategory: null });
  for (const x of [10, 20]) editor.create({ segmentation: square(x, 0, 4), ...MANUAL }, "Draw");
  editor.waiting.give(3);
  expect(corners(editor.annotations.all())).toEqual([10, 20]);
});
