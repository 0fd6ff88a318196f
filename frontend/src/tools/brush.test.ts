import { describe, expect, test } from "vitest";
import { finish } from "../editor/acts";
import { isPolygons } from "../editor/annotation";
import { segmentationRuns } from "../editor/combine";
import { drag, gestureOf, serverAnnotation, square, step, testEditor } from "../editor/testing";
import type { Point } from "../geometry/points";
import { runsArea } from "../geometry/runs";
import { tools } from ".";
import brush from "./brush";
import eraser from "./eraser";

function withTool(
  tool: typeof brush | typeof eraser,
  annotations = [] as ReturnType<typeof serverAnnotation>[],
) {
  const test = testEditor(tools, annotations);
  test.editor.setTool(tool.id);
  return { ...test, runner: gestureOf(tool, test.editor) };
}

const area = (editor: ReturnType<typeof testEditor>["editor"]) =>
  editor.annotations.all().map((one) => one.area);

const SQUARE = serverAnnotation("a", { segmentation: square(20, 20, 20), area: 400 });

describe("the brush", () => {
  test("paints a new annotation, whose pixels are those under it, and selects it", () => {
    const { editor, runner } = withTool(brush);
    editor.drawing.diameter.set(4);
    drag(runner, [
      [10, 10],
      [30, 10],
    ]);
    const [made] = editor.annotations.all();
    expect(made?.segmentation).toHaveProperty("counts");
    // A bar of 20 × 4 pixels with two half discs of 12 pixels together.
    expect(made?.area).toBe(20 * 4 + 12);
    expect(editor.selection.get()).toBe(made?.id);
    expect(editor.history.get().undo).toBe("Paint");
  });

  test("adds to the annotation that is selected, each stroke one step of undo", () => {
    const { editor, runner } = withTool(brush);
    editor.drawing.diameter.set(2);
    drag(runner, [
      [10, 10],
      [20, 10],
    ]);
    drag(runner, [
      [10, 30],
      [20, 30],
    ]);
    expect(area(editor)).toEqual([2 * (20 + 4)]);
    editor.undo();
    expect(area(editor)).toEqual([24]);
    editor.undo();
    expect(area(editor)).toEqual([]);
  });

  test.each(["Enter", "Escape"])("begins another annotation after %s", (key) => {
    const { editor, runner } = withTool(brush);
    drag(runner, [
      [10, 10],
      [20, 10],
    ]);
    if (key === "Enter") finish(editor);
    else editor.escape();
    drag(runner, [
      [60, 60],
      [70, 60],
    ]);
    expect(editor.annotations.all()).toHaveLength(2);
  });

  test("leaves polygons polygons, and every pixel that it did not touch", () => {
    const { editor, runner } = withTool(brush, [SQUARE]);
    editor.select("a");
    editor.drawing.diameter.set(6);
    drag(runner, [
      [40, 30],
      [50, 30],
    ]);
    const painted = editor.annotations.get("a");
    expect(painted && isPolygons(painted.segmentation)).toBe(true);
    expect(painted?.area).toBe(400 + 10 * 6 + 16);
  });

  test("erases with Alt", () => {
    const { editor, runner } = withTool(brush, [SQUARE]);
    editor.select("a");
    editor.drawing.diameter.set(4);
    drag(
      runner,
      [
        [30, 0],
        [30, 79],
      ],
      { alt: true },
    );
    expect(area(editor)).toEqual([400 - 4 * 20]);
    expect(editor.history.get().undo).toBe("Erase");
  });

  test("draws a straight line with Shift from where the last stroke ended", () => {
    const { editor, runner } = withTool(brush);
    editor.drawing.diameter.set(2);
    drag(runner, [
      [10, 10],
      [10, 10],
    ]);
    drag(
      runner,
      [
        [50, 10],
        [50, 10],
      ],
      { shift: true },
    );
    expect(area(editor)).toEqual([2 * 40 + 4]);
  });

  test("shows what it paints on, and nothing any more when it is cancelled", () => {
    const { editor, runner } = withTool(brush, [SQUARE]);
    editor.select("a");
    runner.feed(step("pointerdown", [10, 10]));
    runner.feed(step("pointermove", [20, 10]));
    expect(editor.draft.get()).toMatchObject({ kind: "stroke", id: "a" });
    expect(editor.escape()).toBeUndefined();
    runner.cancel();
    expect(editor.draft.get()).toBeNull();
    expect(area(editor)).toEqual([400]);
  });

  test("underneath takes only pixels that nobody has", () => {
    const { editor, runner } = withTool(brush, [SQUARE]);
    editor.drawing.isUnderneath.set(true);
    editor.drawing.diameter.set(10);
    drag(runner, [
      [10, 30],
      [60, 30],
    ]);
    const [old, made] = editor.annotations.all();
    if (!old || !made) throw new Error("There are two.");
    expect(old.area).toBe(400);
    expect(made.area).toBe(50 * 10 + 80 - 20 * 10);
    const runs = [old, made].map((one) => segmentationRuns(one.segmentation, editor.image));
    expect(runs.map(runsArea)).toEqual([400, made.area]);
  });
});

describe("the eraser", () => {
  test("takes from what is under the pointer when nothing is selected", () => {
    const { editor, runner } = withTool(eraser, [SQUARE]);
    editor.drawing.diameter.set(4);
    drag(runner, [
      [30, 30],
      [30, 79],
    ]);
    expect(area(editor)).toEqual([400 - (10 * 4 + 6)]);
  });

  test("does nothing where there is nothing to erase", () => {
    const { editor, runner } = withTool(eraser, [SQUARE]);
    drag(runner, [
      [70, 70],
      [80, 70],
    ]);
    expect(editor.history.get().undo).toBeNull();
  });

  test("deletes what it leaves nothing of, and undo brings it back", () => {
    const { editor, runner } = withTool(eraser, [SQUARE]);
    editor.select("a");
    editor.drawing.diameter.set(60);
    drag(runner, [
      [30, 30],
      [31, 30],
    ]);
    expect(area(editor)).toEqual([]);
    editor.undo();
    expect(area(editor)).toEqual([400]);
  });

  test("cuts in two what it goes through, and keeps both pieces", () => {
    const { editor, runner } = withTool(eraser, [SQUARE]);
    editor.select("a");
    editor.drawing.diameter.set(2);
    drag(runner, [
      [30, 10],
      [30, 50],
    ] satisfies Point[]);
    const left = editor.annotations.get("a");
    if (!left || !isPolygons(left.segmentation)) throw new Error("It stays polygons.");
    expect(left.segmentation).toHaveLength(2);
  });
});
