import { describe, expect, test } from "vitest";
import { isPolygons } from "../editor/annotation";
import { toggleCombining } from "../editor/drawing";
import { drag, gestureOf, serverAnnotation, square, step, testEditor } from "../editor/testing";
import type { Tool } from "../editor/tool";
import type { Point } from "../geometry/points";
import { tools } from ".";
import ellipse from "./ellipse";
import fill from "./fill";
import measure from "./measure";
import rectangle from "./rectangle";
import split from "./split";

const SQUARE = serverAnnotation("a", { segmentation: square(20, 20, 40), area: 1600 });

function withTool(tool: Tool, annotations = [SQUARE]) {
  const test = testEditor(tools, annotations);
  return {
    ...test,
    take: () => {
      test.editor.setTool(tool.id);
      return gestureOf(tool, test.editor);
    },
  };
}

function areas({ editor }: ReturnType<typeof testEditor>) {
  return editor.annotations.all().map((one) => one.area);
}

describe("the rectangle", () => {
  test.each([
    ["from corner to corner", {}, 20 * 10],
    ["as a square with Shift", { shift: true }, 20 * 20],
    ["from the middle with Alt", { alt: true }, 40 * 20],
  ])("is drawn %s", (_, part, area) => {
    const made = withTool(rectangle, []);
    drag(
      made.take(),
      [
        [30, 30],
        [50, 40],
      ],
      part,
    );
    expect(areas(made)).toEqual([area]);
    expect(made.editor.history.get().undo).toBe("Draw rectangle");
  });

  test("stays in the image, and a mere click or line draws none", () => {
    const made = withTool(rectangle, []);
    const runner = made.take();
    drag(
      runner,
      [
        [5, 5],
        [30, 20],
      ],
      { alt: true },
    );
    expect(made.editor.annotations.all()[0]?.bbox_xywh).toEqual([0, 0, 30, 20]);
    drag(runner, [
      [50, 50],
      [51, 51],
    ]);
    drag(runner, [
      [50, 50],
      [70, 50],
    ]);
    expect(areas(made)).toHaveLength(1);
  });

  test("cuts a hole into the selected annotation, or is added to it", () => {
    const made = withTool(rectangle);
    made.editor.select("a");
    toggleCombining(made.editor, "cut");
    const runner = made.take();
    drag(runner, [
      [30, 30],
      [40, 40],
    ]);
    expect(areas(made)).toEqual([1600 - 100]);
    const cut = made.editor.annotations.get("a")?.segmentation;
    expect(cut && isPolygons(cut) && cut.map((part) => part.length)).toEqual([2]);
    toggleCombining(made.editor, "add");
    drag(runner, [
      [50, 50],
      [70, 70],
    ]);
    expect(areas(made)).toEqual([1500 + 300]);
    made.editor.escape();
    drag(runner, [
      [80, 10],
      [90, 20],
    ]);
    expect(areas(made)).toHaveLength(2);
  });
});

describe("the ellipse", () => {
  test("has its area, whatever its size", () => {
    for (const side of [6, 20, 60]) {
      const made = withTool(ellipse, []);
      drag(made.take(), [
        [10, 10],
        [10 + side, 10 + side],
      ]);
      const [area = 0] = areas(made);
      expect(Math.abs(area / ((Math.PI * side * side) / 4) - 1)).toBeLessThan(
        side < 10 ? 0.15 : 0.02,
      );
    }
  });
});

describe("splitting", () => {
  test("leaves the larger piece the annotation, and makes a new one of the other", () => {
    const made = withTool(split);
    made.editor.select("a");
    drag(made.take(), [
      [30, 10],
      [30, 70],
    ]);
    expect(areas(made).sort((a, b) => a - b)).toEqual([400, 1200]);
    expect(made.editor.annotations.get("a")?.area).toBe(1200);
    expect(made.editor.history.get().undo).toBe("Split annotation");
    made.editor.undo();
    expect(areas(made)).toEqual([1600]);
  });

  test("takes what is under the line when nothing is selected, and goes beyond its ends", () => {
    const made = withTool(split);
    drag(made.take(), [
      [35, 40],
      [45, 40],
    ]);
    expect(areas(made)).toEqual([800, 800]);
  });

  test("follows a line drawn freely with Shift", () => {
    const made = withTool(split);
    made.editor.select("a");
    const bend: Point[] = [
      [25, 20],
      [25, 40],
      [55, 40],
      [55, 60],
    ];
    drag(made.take(), bend, { shift: true });
    // Left of the bend: 5 columns above it, and 35 below.
    expect(areas(made).sort((a, b) => a - b)).toEqual([5 * 20 + 35 * 20, 1600 - 800]);
  });

  test("of a mask has the same pixels once", () => {
    const mask = serverAnnotation("a", {
      segmentation: {
        size: [80, 100],
        counts: [1620, ...Array(39).fill([40, 40]).flat(), 40, 3220],
      },
    });
    const made = withTool(split, [mask]);
    made.editor.select("a");
    drag(made.take(), [
      [20, 21],
      [61, 57],
    ]);
    const [a = 0, b = 0] = areas(made);
    expect(a + b).toBe(1600);
  });

  test("says so when the line misses", () => {
    const made = withTool(split);
    made.editor.select("a");
    drag(made.take(), [
      [5, 5],
      [90, 5],
    ]);
    expect(areas(made)).toEqual([1600]);
    expect(made.notices[0]?.title).toBe("Nothing was split");
  });
});

describe("filling", () => {
  const ring = serverAnnotation("a", {
    segmentation: [
      [...(square(20, 20, 40)[0] as number[][]), ...(square(30, 30, 20)[0] as number[][])],
    ],
    area: 1200,
  });

  test("makes an annotation of the gap between others", () => {
    const made = withTool(fill, [ring]);
    drag(made.take(), [
      [40, 40],
      [40, 40],
    ]);
    expect(areas(made)).toEqual([1200, 400]);
    drag(made.take(), [
      [5, 5],
      [5, 5],
    ]);
    expect(areas(made)).toEqual([1200, 400, 100 * 80 - 1600]);
  });

  test("takes no pixel of an annotation that is hidden", () => {
    const made = withTool(fill, [ring]);
    made.editor.setHidden(["a"], true);
    drag(made.take(), [
      [40, 40],
      [40, 40],
    ]);
    expect(areas(made)).toEqual([1200, 400]);
  });

  test("fills the hole of the selected annotation", () => {
    const made = withTool(fill, [ring]);
    const runner = made.take();
    made.editor.select("a");
    drag(runner, [
      [40, 40],
      [40, 40],
    ]);
    expect(areas(made)).toEqual([1600]);
  });

  test("says so where there is neither", () => {
    const made = withTool(fill, [ring]);
    const runner = made.take();
    drag(runner, [
      [25, 25],
      [25, 25],
    ]);
    made.editor.select("a");
    drag(runner, [
      [5, 5],
      [5, 5],
    ]);
    expect(made.notices.map(({ title }) => title)).toEqual(["No gap here", "No hole here"]);
    expect(areas(made)).toEqual([1200]);
  });
});

describe("measuring", () => {
  test("shows length, sides and angle until the next press", () => {
    const made = withTool(measure, []);
    const runner = made.take();
    drag(runner, [
      [10, 10],
      [40, 50],
    ]);
    expect(measure.hint(made.editor)).toContain("50.0 px · 30.0 × 40.0 · -53.1°");
    runner.feed(step("pointermove", [80, 80]));
    expect(made.editor.draft.get()).toMatchObject({
      points: [
        [10, 10],
        [40, 50],
      ],
    });
    runner.feed(step("pointerdown", [60, 60]));
    expect(made.editor.draft.get()).toBeNull();
  });

  test("is level, upright or half way with Shift", () => {
    const made = withTool(measure, []);
    const runner = made.take();
    for (const [to, end] of [
      [
        [40, 13],
        [40, 10],
      ],
      [
        [13, 40],
        [10, 40],
      ],
      [
        [40, 38],
        [38, 38],
      ],
    ]) {
      runner.feed(step("pointerdown", [10, 10]));
      runner.feed(step("pointermove", to as unknown as Point, { shift: true }));
      expect(made.editor.draft.get()).toMatchObject({ points: [[10, 10], end] });
      runner.cancel();
    }
  });
});
