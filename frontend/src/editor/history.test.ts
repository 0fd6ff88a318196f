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

test("an RLE that was deleted and brought back has its pixels and its box", () => {
  // Rows 2 to 4 of columns 1 to 3, in an image of 100 × 80.
  const counts = [80 + 2, 3, 77, 3, 77, 3, 96 * 80 + 75];
  const rle = { size: [80, 100] as const, counts };
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

test("the area and the box of polygons are those of their pixels", () => {
  const store = new AnnotationStore();
  const bowTie = [[[0, 0, 8, 8, 8, 0, 0, 8]]];
  const belowCentres = [[[2.5, 3.75, 6.5, 3.75, 6.5, 5.25, 2.5, 5.25]]];
  store.apply([
    { id: "a", before: null, after: content({ segmentation: bowTie }) },
    { id: "b", before: null, after: content({ segmentation: belowCentres }) },
  ]);
  expect(store.get("a")).toMatchObject({ area: 32, bbox_xywh: [0, 0, 8, 8] });
  expect(store.get("b")).toMatchObject({ area: 4, bbox_xywh: [3, 4, 4, 1] });
});
