import { expect, test } from "vitest";
import { History } from "./history";
import { AnnotationStore, type Change } from "./store";
import { content, square } from "./testing";

const made: Change = { id: "a", before: null, after: content() };
const moved: Change = {
  id: "a",
  before: content(),
  after: content({ segmentation: square(5, 5, 4) }),
};
const recoloured: Change = { id: "a", before: moved.after, after: content({ category_id: 2 }) };
const deleted: Change = { id: "a", before: recoloured.after, after: null };

test("undoing every step leads back to nothing, redoing them to the end", () => {
  const store = new AnnotationStore();
  const history = new History();
  const states = [JSON.stringify(store.all())];
  for (const change of [made, moved, recoloured, deleted]) {
    history.push({ name: "step", changes: [change] });
    store.apply([change]);
    states.push(JSON.stringify(store.all()));
  }
  for (const state of states.slice(0, -1).reverse()) {
    store.apply(history.undo());
    expect(JSON.stringify(store.all())).toBe(state);
  }
  expect(history.undo()).toEqual([]);
  for (const state of states.slice(1)) {
    store.apply(history.redo());
    expect(JSON.stringify(store.all())).toBe(state);
  }
  expect(history.redo()).toEqual([]);
});

test("a step of many changes is undone at once, the last change first", () => {
  const history = new History();
  history.push({ name: "both", changes: [made, moved] });
  expect(history.undo().map(({ after }) => after)).toEqual([moved.before, null]);
});

test("a new step ends what could be redone", () => {
  const history = new History();
  history.push({ name: "first", changes: [made] });
  history.undo();
  history.push({ name: "second", changes: [moved] });
  expect(history.redoable).toBeNull();
  expect(history.undoable?.name).toBe("second");
});

test("what another user changed is not undone over", () => {
  const history = new History();
  history.push({ name: "mine", changes: [{ ...made, id: "b" }] });
  history.push({ name: "theirs", changes: [made] });
  history.forget("a");
  expect(history.undoable?.name).toBe("mine");
});

test("the store gives the same array until something changes, lowest z-order first", () => {
  const store = new AnnotationStore();
  store.apply([
    { id: "a", before: null, after: content({ z_order: 2 }) },
    { id: "b", before: null, after: content({ z_order: 1 }) },
  ]);
  const before = store.all();
  expect(before.map(({ id }) => id)).toEqual(["b", "a"]);
  expect(store.all()).toBe(before);
  expect(store.nextZOrder()).toBe(3);
});

test("an RLE that was deleted and brought back keeps its box", () => {
  const rle = { size: [80, 100] as const, counts: "abc" };
  const annotation = {
    ...content({ segmentation: rle }),
    id: "r",
    area: 9,
    bbox_xywh: [1, 2, 3, 3] as const,
  };
  const store = new AnnotationStore([annotation]);
  store.apply([{ id: "r", before: annotation, after: null }]);
  store.apply([{ id: "r", before: null, after: content({ segmentation: rle }) }]);
  expect(store.get("r")).toMatchObject({ area: 9, bbox_xywh: [1, 2, 3, 3] });
});
