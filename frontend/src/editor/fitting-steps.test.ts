import { expect, test } from "vitest";
import type { AnnotationContent } from "./annotation";
import { fittingSteps } from "./fitting-steps";
import type { Step, Steps } from "./history";
import { memoryJournal } from "./journal";
import { isSameContent } from "./same-content";
import type { Change } from "./store";
import { content, serverAnnotation, square, testEditor } from "./testing";

const first = content();
const moved = content({ segmentation: square(5, 5, 4) });
const red = content({ segmentation: square(5, 5, 4), category_id: 2 });

function step(name: string, ...changes: [string, Change["before"], Change["after"]][]): Step {
  return { name, changes: changes.map(([id, before, after]) => ({ id, before, after })) };
}

function fitting(
  steps: Steps,
  now: Readonly<Record<string, AnnotationContent>>,
  categories: readonly number[] = [1, 2],
) {
  const { done, undone } = fittingSteps(steps, {
    contentOf: (id) => now[id] ?? null,
    hasCategory: (id) => categories.includes(id),
  });
  return { done: done.map(({ name }) => name), undone: undone.map(({ name }) => name) };
}

const life = [
  step("draw", ["a", null, first]),
  step("move", ["a", first, moved]),
  step("recolour", ["a", moved, red]),
];

test("steps that lead to what is there are kept, on both sides", () => {
  const [draw, move, recolour] = life as [Step, Step, Step];
  expect(fitting({ done: life, undone: [] }, { a: red }).done).toHaveLength(3);
  expect(fitting({ done: [draw], undone: [recolour, move] }, { a: first })).toEqual({
    done: ["draw"],
    undone: ["recolour", "move"],
  });
});

test("an annotation that somebody else changed loses its steps, and another keeps its own", () => {
  const done = [...life, step("draw b", ["b", null, first])];
  expect(fitting({ done, undone: [] }, { a: first, b: first }).done).toEqual(["draw b"]);
  expect(fitting({ done, undone: [] }, { b: first }).done).toEqual(["draw b"]);
});

test("a step of two annotations goes whole, and with it what lies before it of both", () => {
  const done = [
    step("draw a", ["a", null, first]),
    step("draw b", ["b", null, first]),
    step("draw c", ["c", null, first]),
    step("move both", ["a", first, moved], ["b", first, moved]),
  ];
  expect(fitting({ done, undone: [] }, { a: moved, b: red, c: first }).done).toEqual(["draw c"]);
});

test("nothing is brought back into a category that is gone", () => {
  const done = [step("draw", ["a", null, red]), step("delete", ["a", red, null])];
  expect(fitting({ done, undone: [] }, {}, [1])).toEqual({ done: [], undone: [] });
  expect(fitting({ done, undone: [] }, {}, [1, 2]).done).toEqual(["draw", "delete"]);
});

test("a mask is the same however its runs are written down", () => {
  const rle = content({ segmentation: { size: [2, 2], counts: [1, 3] } });
  expect(isSameContent(rle, content({ segmentation: { counts: [1, 3], size: [2, 2] } }))).toBe(
    true,
  );
  expect(isSameContent(rle, content({ segmentation: { counts: [2, 2], size: [2, 2] } }))).toBe(
    false,
  );
  expect(isSameContent(rle, first)).toBe(false);
  expect(isSameContent(null, first)).toBe(false);
});

test("an editor takes up the steps of the visit before and undoes them on the server", async () => {
  const deleted = step("Delete annotation", ["a", content(), null]);
  const { editor, server } = testEditor([{ ...noTool }], [serverAnnotation("b")], {
    journal: memoryJournal(),
    steps: { kept: { done: [deleted], undone: [] }, keeper: nowhere },
    deleted: [{ id: "a", revision: 4 }],
  });
  server.held.set("a", { revision: 4, annotation: null });
  expect(editor.history.get()).toEqual({ undo: "Delete annotation", redo: null });
  editor.undo();
  await editor.sync.idle();
  expect(server.held.get("a")?.revision).toBe(5);
  expect(
    server
      .annotations()
      .map(({ id }) => id)
      .sort(),
  ).toEqual(["a", "b"]);
  expect(editor.history.get().redo).toBe("Delete annotation");
});

const nowhere = { push() {}, undo() {}, redo() {}, replace() {} };
const noTool = {
  id: "none",
  title: "None",
  hotkey: "N",
  order: 0,
  cursor: "default",
  icon: "none",
  hints: [],
  hint: () => "",
  interactions: () => [],
};
