import { describe, expect, test } from "vitest";
import { ellipseRing } from "../geometry/ellipse";
import type { Point } from "../geometry/points";
import { countVertices, type Polygons } from "../geometry/polygons";
import { tools } from "../tools";
import boxPrompt from "../tools/box-prompt";
import liveWire from "../tools/live-wire";
import polygon from "../tools/polygon";
import { finish, pickCategory, removeHotOrSelected } from "./acts";
import { isPolygons } from "./annotation";
import { segmentationRuns } from "./combine";
import { drawSettings } from "./draw-settings";
import { combineSelected } from "./drawing";
import { DRAWING_COMMANDS } from "./drawing-commands";
import { drag, pressKey, serverAnnotation, square, testEditor, watched } from "./testing";
import type { Tool } from "./tool";

const A = serverAnnotation("a", { segmentation: square(10, 10, 20), area: 400 });
const B = serverAnnotation("b", { segmentation: square(20, 20, 20), area: 400, z_order: 2 });
const FAR = serverAnnotation("c", { segmentation: square(70, 50, 10), area: 100, z_order: 3 });
const MASK = serverAnnotation("m", {
  segmentation: { size: [80, 100], counts: [810, ...Array(19).fill([20, 60]).flat(), 20, 5650] },
  area: 400,
});

function withSelected(...ids: string[]) {
  const made = testEditor(tools, [A, B, FAR]);
  for (const id of ids) made.editor.toggleSelected(id);
  return made;
}

function areas({ editor }: ReturnType<typeof testEditor>) {
  return Object.fromEntries(editor.annotations.all().map((one) => [one.id, one.area]));
}

function run({ editor }: ReturnType<typeof testEditor>, id: string) {
  const command = DRAWING_COMMANDS.find((one) => one.id === id);
  command?.run(editor, undefined as never);
}

describe("the selection", () => {
  test("grows and shrinks by Shift + click, and the first one leads", () => {
    const { editor } = withSelected("a", "b", "c");
    expect(editor.selection.get()).toBe("a");
    expect(editor.alsoSelected().map(({ id }) => id)).toEqual(["b", "c"]);
    editor.toggleSelected("b");
    expect(editor.alsoSelected().map(({ id }) => id)).toEqual(["c"]);
    editor.toggleSelected("a");
    expect([editor.selection.get(), editor.others.get().size]).toEqual(["c", 0]);
  });

  test("is deleted in one step", () => {
    const made = withSelected("a", "c");
    removeHotOrSelected(made.editor);
    expect(Object.keys(areas(made))).toEqual(["b"]);
    made.editor.undo();
    expect(Object.keys(areas(made))).toEqual(["a", "b", "c"]);
  });

  test("gets one category in one step", () => {
    const { editor } = withSelected("a", "b");
    const categories = () => editor.annotations.all().map(({ category_id }) => category_id);
    pickCategory(editor, 2);
    expect(categories()).toEqual([2, 2, 1]);
    expect(editor.activeCategory.get()).toBe(1);
    editor.undo();
    expect(categories()).toEqual([1, 1, 1]);
  });

  test("holds nothing that is gone", () => {
    const { editor } = withSelected("a", "b");
    editor.remove("b");
    expect(editor.others.get().size).toBe(0);
  });
});

describe("the selected annotations", () => {
  test("become one when united, with the category of the first", () => {
    const made = withSelected("a", "b");
    combineSelected(made.editor, "union");
    expect(areas(made)).toEqual({ a: 700, c: 100 });
    expect(made.editor.history.get().undo).toBe("Unite annotations");
    made.editor.undo();
    expect(areas(made)).toEqual({ a: 400, b: 400, c: 100 });
  });

  test("unite to several parts where they do not touch", () => {
    const made = withSelected("a", "c");
    combineSelected(made.editor, "union");
    const united = made.editor.annotations.get("a")?.segmentation;
    expect(united && isPolygons(united) && united.length).toBe(2);
  });

  test("lose to one another, or keep what they share, while the others stay", () => {
    const subtracted = withSelected("a", "b");
    combineSelected(subtracted.editor, "difference");
    expect(areas(subtracted)).toEqual({ a: 300, b: 400, c: 100 });
    const shared = withSelected("a", "b");
    combineSelected(shared.editor, "intersection");
    expect(areas(shared)).toEqual({ a: 100, b: 400, c: 100 });
  });

  test("stay as they are when nothing would be left, or only one is selected", () => {
    const made = withSelected("a", "c");
    combineSelected(made.editor, "intersection");
    combineSelected(withSelected("a").editor, "union");
    expect(areas(made)).toEqual({ a: 400, b: 400, c: 100 });
    expect(made.notices.map(({ title }) => title)).toEqual(["Nothing would be left"]);
  });
});

describe("from mask to polygons and back", () => {
  test("no pixel changes, and each is one step of undo", () => {
    const made = testEditor(tools, [MASK]);
    const { editor } = made;
    editor.select("m");
    const pixels = () => {
      const one = editor.annotations.get("m");
      return one ? [...segmentationRuns(one.segmentation, editor.image).changes] : [];
    };
    const before = pixels();
    run(made, "to-polygons");
    expect(editor.annotations.get("m")?.segmentation).toEqual([[[10, 10, 30, 10, 30, 30, 10, 30]]]);
    expect(pixels()).toEqual(before);
    run(made, "to-mask");
    expect(editor.annotations.get("m")?.segmentation).toHaveProperty("counts");
    expect(pixels()).toEqual(before);
    run(made, "to-mask");
    expect(editor.history.get().undo).toBe("To mask");
    editor.undo();
    editor.undo();
    expect(editor.history.get().undo).toBeNull();
  });
});

describe("underneath", () => {
  test("what is drawn takes only what nobody has, and abuts", () => {
    const { editor } = testEditor(tools, [A]);
    editor.drawing.isUnderneath.set(true);
    editor.create({ segmentation: square(20, 20, 20), source: "manual", score: null }, "Draw");
    const made = editor.annotations.all().at(-1);
    expect(made?.area).toBe(300);
    expect(made && isPolygons(made.segmentation)).toBe(true);
  });

  test("nothing is made where nothing is left, and that is said", () => {
    const { editor, notices } = testEditor(tools, [A]);
    editor.drawing.isUnderneath.set(true);
    const id = editor.create(
      { segmentation: square(12, 12, 5), source: "manual", score: null },
      "Draw",
    );
    expect(id).toBeNull();
    expect(editor.annotations.all()).toHaveLength(1);
    expect(notices[0]?.title).toBe("Nothing was drawn");
  });
});

describe("fewer vertices", () => {
  const round = serverAnnotation("r", { segmentation: [[ellipseRing([10, 10, 70, 70])]] });

  test("are shown with what they cost, and kept by Enter in one step of undo", () => {
    const made = testEditor(tools, [round]);
    const { editor } = made;
    editor.select("r");
    run(made, "simplify");
    const shown = editor.simpler.get();
    expect(shown?.vertices).toBeLessThan(countVertices(round.segmentation as Polygons));
    expect(shown?.iou).toBeGreaterThan(0.95);
    expect(editor.draft.get()).toMatchObject({ kind: "change", id: "r" });
    expect(editor.annotations.get("r")?.segmentation).toBe(round.segmentation);
    finish(editor);
    expect(editor.annotations.get("r")?.segmentation).toEqual(shown?.polygons);
    expect([editor.history.get().undo, editor.draft.get(), editor.simpler.get()]).toEqual([
      "Simplify",
      null,
      null,
    ]);
  });

  test("are dropped by Escape, by another selection, and by the same key", () => {
    const made = testEditor(tools, [round, FAR]);
    const { editor } = made;
    for (const drop of [
      () => editor.escape(),
      () => editor.select("c"),
      () => run(made, "simplify"),
      () => editor.setTool("brush"),
    ]) {
      editor.select("r");
      run(made, "simplify");
      drop();
      expect([editor.simpler.get(), editor.draft.get()]).toEqual([null, null]);
    }
    expect(editor.history.get().undo).toBeNull();
  });
});

describe("adding and cutting by shapes", () => {
  test("means what was selected before the tool was taken up, or drawn last", () => {
    const made = withSelected("a");
    const { editor } = made;
    editor.setTool("ellipse");
    expect(editor.selection.get()).toBeNull();
    run(made, "cut-from-selected");
    expect([editor.selection.get(), editor.combining.get()]).toEqual(["a", "cut"]);
    for (let i = 0; i < 2; i += 1) editor.escape();
    const drawn = editor.create({ ...B, segmentation: square(60, 10, 20) }, "Draw");
    editor.setTool("polygon");
    run(made, "add-to-selected");
    expect([editor.selection.get(), editor.combining.get()]).toEqual([drawn, "add"]);
  });

  test("says what is missing when there is nothing to add to", () => {
    const made = withSelected();
    made.editor.setTool("ellipse");
    run(made, "cut-from-selected");
    expect(made.editor.combining.get()).toBe("new");
    expect(made.notices.map(({ title }) => title)).toEqual(["Select an annotation first"]);
  });
});

describe("what may not be drawn", () => {
  /** Of all pixels somebody has one, and only free ones may be taken. */
  const full = (tool: Tool) => {
    const all = serverAnnotation("all", { segmentation: [[[0, 0, 100, 0, 100, 80, 0, 80]]] });
    const drawing = drawSettings();
    drawing.isUnderneath.set(true);
    const { tool: watchedTool, runner } = watched(tool);
    return { ...testEditor([watchedTool], [all], { drawing }), runner };
  };

  test.each([polygon, liveWire] as Tool[])("goes on being drawn: $id", (tool) => {
    const { editor, runner, notices } = full(tool);
    for (const at of [
      [10, 10],
      [40, 10],
      [40, 40],
    ] as Point[])
      drag(runner(), [at], { alt: true });
    pressKey(editor, "Enter");
    expect(notices.map(({ title }) => title)).toEqual(["Nothing was drawn"]);
    expect(editor.draft.get()?.kind).toBe("ring");
    expect(editor.unfinished.mayLeave()).toBe(false);
    editor.drawing.isUnderneath.set(false);
    pressKey(editor, "Enter");
    expect(editor.annotations.all()).toHaveLength(2);
  });

  test("stays a proposal", async () => {
    const { editor } = full(boxPrompt);
    await editor.proposals.request([5, 5, 40, 40]);
    pressKey(editor, "Enter");
    expect([editor.proposals.state.get()?.kind, editor.annotations.all().length]).toEqual([
      "ready",
      1,
    ]);
    editor.drawing.isUnderneath.set(false);
    pressKey(editor, "Enter");
    expect([editor.proposals.state.get(), editor.annotations.all().length]).toEqual([null, 2]);
  });
});
