import { describe, expect, test } from "vitest";
import brush from "../tools/brush";
import eraser from "../tools/eraser";
import select from "../tools/select";
import { pickCategory, removeHotOrSelected } from "./acts";
import {
  type Annotation,
  isPolygons,
  type Segmentation,
  type ServerAnnotation,
} from "./annotation";
import { segmentationRuns } from "./combine";
import type { GestureRunner } from "./gesture";
import type { Edit } from "./journal";
import { gestureOf, serverAnnotation, square, step, testEditor } from "./testing";
import type { Tool } from "./tool";

const SIZE = { width: 100, height: 80 };
const THEIRS = serverAnnotation("a", { revision: 2, segmentation: square(60, 60, 10) });
const TAKEN_BACK = { kind: "refused", detail: "The ring crosses the border." } as const;

/** The user has changed an annotation, holds a gesture on it, and only then the server answers. */
function pressed(tool: Tool, meanwhile: "theirs" | "deleted" | "refused" | "nothing") {
  const begun = serverAnnotation("a", { segmentation: square(0, 0, 20) });
  const made = testEditor([tool], [begun]);
  const { editor, server } = made;
  editor.select("a");
  editor.change("a", "Move annotation", { segmentation: square(10, 10, 20) });
  if (meanwhile === "theirs") server.held.set("a", { revision: 2, annotation: THEIRS });
  if (meanwhile === "deleted") server.held.set("a", { revision: 2, annotation: null });
  if (meanwhile === "refused") server.script = [TAKEN_BACK];
  const runner = gestureOf(tool, editor);
  const others = () => editor.annotations.all().filter(({ id }) => id !== "a");
  return { ...made, runner, others };
}

/** A vertex of the square at 10, 10, or the brush there, to 8, 8; released when `meanwhile` is over. */
async function held(runner: GestureRunner, meanwhile: () => Promise<void> | void) {
  runner.feed(step("pointerdown", [10, 10]));
  runner.feed(step("pointermove", [4, 4]));
  await meanwhile();
  runner.feed(step("pointermove", [8, 8]));
  runner.feed(step("pointerup", [8, 8]));
}

const DRAGGED = [[[8, 8, 30, 10, 30, 30, 10, 30]]];
const has = (segmentation: Segmentation | undefined, x: number, y: number) => {
  if (!segmentation) throw new Error("There is no annotation.");
  const { changes } = segmentationRuns(segmentation, SIZE);
  return changes.filter((at) => at <= x * SIZE.height + y).length % 2 === 1;
};
const stored = (annotations: readonly Annotation[]) =>
  Object.fromEntries(annotations.map(({ id, segmentation }) => [id, segmentation]));

describe("a vertex that is held while the server says that somebody else was first", () => {
  test("goes on the user's version beside theirs", async () => {
    const { editor, server, runner, others } = pressed(select, "theirs");
    await held(runner, () => editor.sync.idle());
    await editor.sync.idle();
    expect(editor.annotations.get("a")?.segmentation).toEqual(THEIRS.segmentation);
    expect(others().map(({ segmentation }) => segmentation)).toEqual([DRAGGED]);
    expect(editor.selection.get()).toBe(others()[0]?.id);
    expect(stored(server.annotations())).toEqual(stored(editor.annotations.all()));
    editor.undo();
    expect(others().map(({ segmentation }) => segmentation)).toEqual([square(10, 10, 20)]);
  });

  test("is kept where they deleted it", async () => {
    const { editor, server, runner } = pressed(select, "deleted");
    await held(runner, () => editor.sync.idle());
    await editor.sync.idle();
    expect(server.annotations().map(({ segmentation }) => segmentation)).toEqual([DRAGGED]);
  });

  test("becomes a new annotation where the server takes the change before it back", async () => {
    const { editor, server, runner, others } = pressed(select, "refused");
    await held(runner, () => editor.sync.idle());
    await editor.sync.idle();
    expect(editor.annotations.get("a")?.segmentation).toEqual(square(0, 0, 20));
    expect(others().map(({ segmentation }) => segmentation)).toEqual([DRAGGED]);
    expect(stored(server.annotations())).toEqual(stored(editor.annotations.all()));
  });

  test("that neighbours share is moved in their own version too", async () => {
    const right = serverAnnotation("b", { segmentation: square(30, 10, 20) });
    const { editor, server } = testEditor(
      [select],
      [serverAnnotation("a", { segmentation: square(10, 10, 20) }), right],
    );
    editor.select("a");
    editor.change("b", "Change category", { category_id: 2 });
    server.held.set("b", { revision: 2, annotation: { ...THEIRS, id: "b" } });
    const runner = gestureOf(select, editor);
    runner.feed(step("pointerdown", [30, 10]));
    runner.feed(step("pointermove", [34, 4]));
    await editor.sync.idle();
    runner.feed(step("pointerup", [34, 4]));
    await editor.sync.idle();
    expect(editor.annotations.get("b")?.segmentation).toEqual(THEIRS.segmentation);
    const mine = editor.annotations.all().find(({ category_id }) => category_id === 2);
    expect(mine?.segmentation).toEqual([[[34, 4, 50, 10, 50, 30, 30, 30]]]);
    expect(stored(server.annotations())).toEqual(stored(editor.annotations.all()));
  });
});

describe("a stroke that is held while the server says so", () => {
  test.each(["theirs", "deleted", "refused"] as const)("is not lost: %s", async (meanwhile) => {
    const { editor, server, runner, others } = pressed(brush, meanwhile);
    await held(runner, () => editor.sync.idle());
    await editor.sync.idle();
    const [mine] = others();
    expect([has(mine?.segmentation, 4, 4), has(mine?.segmentation, 20, 20)]).toEqual([true, true]);
    const stands = { theirs: THEIRS.segmentation, deleted: undefined, refused: square(0, 0, 20) };
    expect(editor.annotations.get("a")?.segmentation).toEqual(stands[meanwhile]);
    expect(server.annotations()).toHaveLength(meanwhile === "deleted" ? 1 : 2);
  });

  test("takes nothing from theirs", async () => {
    const { editor, runner, others } = pressed(eraser, "theirs");
    await held(runner, () => editor.sync.idle());
    expect(editor.annotations.get("a")?.segmentation).toEqual(THEIRS.segmentation);
    expect(has(others()[0]?.segmentation, 11, 11)).toBe(false);
    expect(has(others()[0]?.segmentation, 28, 28)).toBe(true);
  });
});

test.each([
  ["a vertex", select],
  ["a stroke", brush],
] as [string, Tool][])(
  "%s that is held goes on the outline that waits for another category",
  async (_, tool) => {
    const { editor, server } = testEditor([tool]);
    server.script = [{ kind: "refused", detail: "No category 1.", isCategoryGone: true }];
    const drawn = { segmentation: square(10, 10, 20), source: "manual", score: null };
    const id = editor.create(drawn, "Draw");
    editor.select(id);
    await held(gestureOf(tool, editor), () => editor.sync.idle());
    const [one, ...others] = editor.waiting.outlines.get();
    expect([others.length, one?.refused?.id, editor.annotations.all()]).toEqual([0, id, []]);
    expect(has(one?.segmentation, 9, 10)).toBe(true);
    editor.waiting.give(2);
    expect(editor.annotations.all().map((made) => [made.id, made.category_id])).toEqual([[id, 2]]);
  },
);

describe("keys that are pressed while a vertex is held", () => {
  test("a category stays given", async () => {
    const { editor, runner } = pressed(select, "nothing");
    await held(runner, () => pickCategory(editor, 2));
    const one = editor.annotations.get("a");
    expect([one?.category_id, one?.segmentation]).toEqual([2, DRAGGED]);
  });

  test("what is deleted stays deleted", async () => {
    const { editor, server, runner } = pressed(select, "nothing");
    await held(runner, () => removeHotOrSelected(editor));
    await editor.sync.idle();
    expect(editor.annotations.all()).toEqual([]);
    expect(server.annotations()).toEqual([]);
    editor.undo();
    expect(editor.annotations.get("a")?.segmentation).toEqual(square(10, 10, 20));
  });

  test("a stroke on what is deleted becomes an annotation of its own", async () => {
    const { editor, runner } = pressed(brush, "nothing");
    await held(runner, () => removeHotOrSelected(editor));
    const [one] = editor.annotations.all();
    expect([has(one?.segmentation, 4, 4), has(one?.segmentation, 20, 20)]).toEqual([true, false]);
  });
});

test("a change that leaves no pixel is not made, and is told", () => {
  const { editor, notices } = testEditor(
    [select],
    [serverAnnotation("a", { segmentation: [[[10, 10, 30, 10, 20, 30]]] })],
  );
  editor.select("a");
  const runner = gestureOf(select, editor);
  runner.feed(step("pointerdown", [20, 30]));
  runner.feed(step("pointermove", [20, 10]));
  runner.feed(step("pointerup", [20, 10]));
  const { segmentation } = editor.annotations.all()[0] as Annotation;
  expect(isPolygons(segmentation) && segmentation[0]?.[0]).toEqual([10, 10, 30, 10, 20, 30]);
  expect(notices.map(({ title }) => title)).toEqual(["Nothing would be left"]);
  expect(editor.history.get().undo).toBeNull();
});

describe("of an annotation's changes, when the server refuses one", () => {
  const BAD = square(50, 0, 4);
  const WORSE = square(60, 0, 4);

  function picky(others: readonly ServerAnnotation[] = []) {
    const { server } = testEditor([select], [serverAnnotation("a"), ...others]);
    const isBad = ({ annotation }: Edit) =>
      [BAD, WORSE].some((bad) => String(bad) === String(annotation?.segmentation));
    const made = testEditor([select], server.annotations(), {
      send: async (image, edits) => (edits.some(isBad) ? TAKEN_BACK : server.send(image, edits)),
    });
    const titles = () => made.notices.map(({ title }) => title);
    return { ...made, server, titles };
  }

  test("those after it stand", async () => {
    const { editor, server, titles } = picky();
    editor.change("a", "Bad", { segmentation: BAD });
    editor.change("a", "Good", { segmentation: square(20, 0, 4) });
    editor.change("a", "Good", { category_id: 2 });
    await editor.sync.idle();
    const [one] = server.annotations();
    expect([one?.segmentation, one?.category_id]).toEqual([square(20, 0, 4), 2]);
    expect(editor.annotations.get("a")?.segmentation).toEqual(square(20, 0, 4));
    expect(titles()).toEqual(["The server refused one change"]);
  });

  test("those after it that kept its outline stand with the server's", async () => {
    const { editor, server, titles, notices } = picky();
    editor.change("a", "Bad", { segmentation: BAD });
    editor.change("a", "Good", { category_id: 2 });
    await editor.sync.idle();
    const [one] = server.annotations();
    expect([one?.segmentation, one?.category_id]).toEqual([square(0, 0, 4), 2]);
    expect(editor.annotations.get("a")).toMatchObject({ ...one });
    expect(titles()).toEqual(["The server refused one change"]);
    expect(notices[0]?.detail).toBe(`${TAKEN_BACK.detail} What you did after it stands.`);
  });

  test("what is right about those after it stands, where their outline is refused too", async () => {
    const { editor, server, titles } = picky();
    editor.change("a", "Bad", { segmentation: WORSE });
    editor.change("a", "Bad", { segmentation: BAD });
    editor.change("a", "Good", { category_id: 2 });
    await editor.sync.idle();
    const [one] = server.annotations();
    expect([one?.segmentation, one?.category_id]).toEqual([square(0, 0, 4), 2]);
    expect(titles()).toEqual(["The server refused one change"]);
  });

  test("it is told once, and not that anything stands, where all is refused", async () => {
    const { editor, server, notices } = picky();
    const id = editor.create({ segmentation: BAD, source: "manual", score: null }, "Bad") ?? "";
    editor.change(id, "Of no use", { category_id: 2 });
    await editor.sync.idle();
    expect(server.annotations()).toHaveLength(1);
    expect(editor.annotations.get(id)).toBeUndefined();
    expect(notices).toEqual([
      { kind: "error", title: "The server refused this change", detail: TAKEN_BACK.detail },
    ]);
  });

  test("what else its step did is taken back with it", async () => {
    const other = serverAnnotation("b", { segmentation: square(30, 30, 4) });
    const { editor, server, titles } = picky([other]);
    const [a, b] = ["a", "b"].map((id) => editor.annotations.get(id) as Annotation);
    if (!a || !b) throw new Error("There are two.");
    editor.commit("Unite annotations", [
      editor.changeOf(a, { segmentation: BAD }),
      editor.changeOf(b, null),
    ]);
    await editor.sync.idle();
    expect(stored(server.annotations())).toEqual({ a: square(0, 0, 4), b: square(30, 30, 4) });
    expect(stored(editor.annotations.all())).toEqual(stored(server.annotations()));
    expect([titles(), editor.history.get().undo]).toEqual([
      ["The server refused this change"],
      null,
    ]);
  });

  test("a deletion after it stands", async () => {
    const { editor, server } = picky();
    editor.change("a", "Bad", { segmentation: BAD });
    editor.remove("a");
    await editor.sync.idle();
    expect([server.annotations(), editor.annotations.all()]).toEqual([[], []]);
  });

  test("the server's version is shown where nothing came after it", async () => {
    const { editor, titles } = picky();
    editor.change("a", "Bad", { segmentation: BAD });
    await editor.sync.idle();
    expect(editor.annotations.get("a")?.segmentation).toEqual(square(0, 0, 4));
    expect(titles()).toEqual(["The server refused this change"]);
  });
});
