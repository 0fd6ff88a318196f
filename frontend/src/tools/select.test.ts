import { beforeEach, describe, expect, test } from "vitest";
import { removeHotOrSelected } from "../editor/acts";
import { type AnnotationContent, isPolygons } from "../editor/annotation";
import {
  drag,
  gestureOf,
  serverAnnotation,
  square,
  step,
  type TestEditor,
  testEditor,
} from "../editor/testing";
import select from "./select";

const BIG = serverAnnotation("big", { segmentation: square(10, 10, 40), area: 1600, z_order: 2 });
const SMALL = serverAnnotation("small", { segmentation: square(22, 22, 6), area: 36, z_order: 1 });
const TRIANGLE = serverAnnotation("triangle", {
  segmentation: [[[60, 10, 90, 10, 90, 40]]],
  area: 450,
  z_order: 3,
});

let made: TestEditor;
let runner: ReturnType<typeof gestureOf>;
beforeEach(() => {
  made = testEditor([select], [BIG, SMALL, TRIANGLE]);
  runner = gestureOf(select, made.editor);
});

const ringOf = (id: string) => {
  const segmentation = made.editor.annotations.get(id)?.segmentation;
  return Array.isArray(segmentation) ? segmentation[0][0] : null;
};
const lastStep = () => made.editor.history.get().undo;

describe("a click", () => {
  test("selects what is there, and the smaller one within a bigger", () => {
    drag(runner, [[15, 40]]);
    expect(made.editor.selection.get()).toBe("big");
    drag(runner, [[25, 25]]);
    expect(made.editor.selection.get()).toBe("small");
  });

  test("beside everything deselects", () => {
    made.editor.select("big");
    drag(runner, [[70, 70]]);
    expect(made.editor.selection.get()).toBeNull();
  });

  test("does not find what is hidden", () => {
    made.editor.setHidden(["small"], true);
    drag(runner, [[25, 25]]);
    expect(made.editor.selection.get()).toBe("big");
  });

  test("within the selected annotation moves nothing", () => {
    made.editor.select("big");
    drag(runner, [
      [30, 40],
      [31, 41],
    ]);
    expect(lastStep()).toBeNull();
    expect(made.editor.selection.get()).toBe("big");
  });
});

describe("a drag", () => {
  test("moves the selected annotation, in one undo step", () => {
    made.editor.select("big");
    drag(runner, [
      [30, 40],
      [32, 45],
      [35, 50],
    ]);
    expect(ringOf("big")).toEqual(square(15, 20, 40)[0]?.[0]);
    expect(lastStep()).toBe("Move annotation");
    made.editor.undo();
    expect(ringOf("big")).toEqual(square(10, 10, 40)[0]?.[0]);
    expect(lastStep()).toBeNull();
  });

  test("past the border stops there and deforms nothing", () => {
    made.editor.select("big");
    drag(runner, [
      [30, 40],
      [99, 79],
    ]);
    expect(ringOf("big")).toEqual(square(60, 40, 40)[0]?.[0]);
  });

  test("is dropped by Escape", () => {
    made.editor.select("big");
    runner.feed(step("pointerdown", [30, 40]));
    runner.feed(step("pointermove", [40, 50]));
    expect(made.editor.draft.get()).toMatchObject({ kind: "change", id: "big" });
    runner.cancel();
    expect(made.editor.draft.get()).toBeNull();
    expect(ringOf("big")).toEqual(square(10, 10, 40)[0]?.[0]);
    expect(lastStep()).toBeNull();
  });

  test("of what is not selected changes nothing: it moves the view", () => {
    drag(runner, [
      [30, 40],
      [40, 50],
    ]);
    expect(made.editor.selection.get()).toBeNull();
    expect(lastStep()).toBeNull();
  });
});

describe("with the vertices of the selected annotation", () => {
  beforeEach(() => made.editor.select("triangle"));

  test("a drag moves one", () => {
    drag(runner, [
      [60, 10],
      [55, 12],
    ]);
    expect(ringOf("triangle")).toEqual([55, 12, 90, 10, 90, 40]);
    expect(lastStep()).toBe("Move vertex");
  });

  test("a click on an edge puts one in, and Alt takes one out", () => {
    drag(runner, [[75, 10]]);
    expect(ringOf("triangle")).toEqual([60, 10, 75, 10, 90, 10, 90, 40]);
    drag(runner, [[60, 10]], { alt: true });
    expect(ringOf("triangle")).toEqual([75, 10, 90, 10, 90, 40]);
    made.editor.undo();
    made.editor.undo();
    expect(ringOf("triangle")).toEqual([60, 10, 90, 10, 90, 40]);
  });

  test("Delete takes out the one under the pointer, but never leaves fewer than three", () => {
    drag(runner, [[75, 10]]);
    runner.feed(step("pointermove", [75, 10]));
    removeHotOrSelected(made.editor);
    expect(ringOf("triangle")).toEqual([60, 10, 90, 10, 90, 40]);
    runner.feed(step("pointermove", [60, 10]));
    removeHotOrSelected(made.editor);
    expect(ringOf("triangle")).toEqual([60, 10, 90, 10, 90, 40]);
    expect(made.editor.annotations.get("triangle")).toBeDefined();
  });

  test("the mark under the pointer does not stay behind when the vertex is dragged", () => {
    runner.feed(step("pointermove", [60, 10]));
    expect(made.editor.hotVertex.get()?.kind).toBe("vertex");
    runner.feed(step("pointerdown", [60, 10]));
    expect(made.editor.hotVertex.get()).toBeNull();
  });
});

test("hovering tells the list which annotation is under the pointer", () => {
  runner.feed(step("pointermove", [15, 40]));
  expect(made.editor.hovered.get()).toBe("big");
  runner.feed(step("pointermove", [70, 70]));
  expect(made.editor.hovered.get()).toBeNull();
});

test("an annotation of pixels is selected by a click, and then moved by a drag", () => {
  const mask = serverAnnotation("mask", {
    segmentation: { size: [80, 100], counts: [20 * 80, 40 * 80, 40 * 80] },
    bbox_xywh: [20, 0, 40, 80],
  });
  const { editor } = testEditor([select], [mask]);
  const gesture = gestureOf(select, editor);
  drag(gesture, [[30, 30]]);
  expect(editor.selection.get()).toBe("mask");
  expect(select.hint(editor)).toContain("no vertices");
  drag(gesture, [
    [30, 30],
    [40.7, 45],
  ]);
  // It has no room downwards.
  expect(editor.annotations.get("mask")?.bbox_xywh).toEqual([30, 0, 40, 80]);
});

describe("a border that two annotations share", () => {
  const left = serverAnnotation("left", { segmentation: [[[10, 10, 30, 10, 30, 50, 10, 50]]] });
  const right = serverAnnotation("right", { segmentation: [[[30, 10, 60, 10, 60, 50, 30, 50]]] });
  const ringOf = (one: Pick<AnnotationContent, "segmentation"> | undefined) =>
    one && isPolygons(one.segmentation) ? one.segmentation[0]?.[0] : undefined;
  const rings = ({ editor }: ReturnType<typeof testEditor>) =>
    ["left", "right"].map((id) => ringOf(editor.annotations.get(id)));

  function opened() {
    const made = testEditor([select], [left, right]);
    made.editor.select("left");
    return { made, runner: gestureOf(select, made.editor) };
  }

  test("stays shared when a vertex of it is moved, in one step of undo", () => {
    const { made, runner } = opened();
    drag(runner, [
      [30, 10],
      [35, 14],
    ]);
    expect(rings(made)).toEqual([
      [10, 10, 35, 14, 30, 50, 10, 50],
      [35, 14, 60, 10, 60, 50, 30, 50],
    ]);
    made.editor.undo();
    expect(rings(made)).toEqual([left, right].map(ringOf));
  });

  test("stays shared when a vertex is put into it", () => {
    const { made, runner } = opened();
    drag(runner, [
      [30, 30],
      [36, 30],
    ]);
    expect(rings(made)).toEqual([
      [10, 10, 30, 10, 36, 30, 30, 50, 10, 50],
      [30, 10, 60, 10, 60, 50, 30, 50, 36, 30],
    ]);
  });

  test("is parted with Alt", () => {
    const { made, runner } = opened();
    drag(
      runner,
      [
        [30, 10],
        [25, 14],
      ],
      { alt: true },
    );
    expect(rings(made)).toEqual([
      [10, 10, 25, 14, 30, 50, 10, 50],
      [30, 10, 60, 10, 60, 50, 30, 50],
    ]);
  });
});

describe("what is selected moves together", () => {
  const mask = serverAnnotation("m", {
    segmentation: { size: [80, 100], counts: [810, ...Array(19).fill([20, 60]).flat(), 20, 5650] },
    bbox_xywh: [10, 10, 20, 20],
    area: 400,
  });
  const other = serverAnnotation("p", {
    segmentation: square(50, 20, 30),
    bbox_xywh: [50, 20, 30, 30],
    z_order: 2,
  });
  const boxes = ({ editor }: ReturnType<typeof testEditor>) =>
    editor.annotations.all().map((one) => one.bbox_xywh);

  test("a mask by whole pixels, and what is selected with it as far, in one step", () => {
    const made = testEditor([select], [mask, other]);
    made.editor.toggleSelected("m");
    made.editor.toggleSelected("p");
    drag(gestureOf(select, made.editor), [
      [20, 20],
      [25.5, 17.25],
    ]);
    expect(boxes(made)).toEqual([
      [15, 8, 20, 20],
      [55, 18, 30, 30],
    ]);
    expect(made.editor.history.get().undo).toBe("Move 2 annotations");
    made.editor.undo();
    expect(boxes(made)).toEqual([mask.bbox_xywh, other.bbox_xywh]);
  });

  test("no farther than the first of them reaches the border", () => {
    const made = testEditor([select], [mask, other]);
    made.editor.toggleSelected("p");
    made.editor.toggleSelected("m");
    drag(gestureOf(select, made.editor), [
      [65, 35],
      [0, 35],
    ]);
    expect(boxes(made)).toEqual([
      [0, 10, 20, 20],
      [40, 20, 30, 30],
    ]);
  });
});
