import { beforeEach, describe, expect, test } from "vitest";
import { isPolygons } from "../editor/annotation";
import { segmentationRuns } from "../editor/combine";
import { toggleCombining } from "../editor/drawing";
import type { EditorImage } from "../editor/options";
import { drag, gestureOf, step, type TestEditor, testEditor } from "../editor/testing";
import { maskToRuns } from "../geometry/mask";
import type { Point } from "../geometry/points";
import { runsIoU } from "../geometry/runs";
import liveWire from "./live-wire";

const [X, Y, RADIUS] = [50, 40, 25];
const isInside = (x: number, y: number) => Math.hypot(x - X, y - Y) < RADIUS;

/** A disc on an even ground; read where and as finely as it is asked. */
const IMAGE: EditorImage = {
  id: 7,
  width: 100,
  height: 80,
  url: "/image",
  pixels: ([x0, y0, x1, y1], { width, height }) => {
    const data = new Uint8ClampedArray(4 * width * height);
    for (let i = 0; i < width * height; i++) {
      const x = x0 + (((i % width) + 0.5) * (x1 - x0)) / width;
      const y = y0 + ((Math.floor(i / width) + 0.5) * (y1 - y0)) / height;
      const level = isInside(x, y) ? 180 : 60;
      data.set([level, level, level, 255], 4 * i);
    }
    return { width, height, data };
  },
};
const DISC = maskToRuns({
  width: 100,
  height: 80,
  pixels: Uint8Array.from({ length: 8000 }, (_, i) =>
    Number(isInside((i % 100) + 0.5, Math.floor(i / 100) + 0.5)),
  ),
});

let made: TestEditor;
let runner: ReturnType<typeof gestureOf>;
beforeEach(() => {
  made = testEditor([liveWire], [], { image: IMAGE });
  runner = gestureOf(liveWire, made.editor);
});

/** A place on the disc's border, or so far off it. */
function onBorder(degrees: number, off = 0): Point {
  const angle = (degrees * Math.PI) / 180;
  return [X + (RADIUS + off) * Math.cos(angle), Y + (RADIUS + off) * Math.sin(angle)];
}

const ring = () => {
  const draft = made.editor.draft.get();
  if (draft?.kind !== "ring") throw new Error("Nothing is drawn.");
  return draft;
};
const click = (at: Point, part = {}) => drag(runner, [at], part);
const drawn = () => made.editor.annotations.all()[0];
const iou = () => {
  const one = drawn();
  return one ? runsIoU(segmentationRuns(one.segmentation, IMAGE), DISC) : 0;
};

describe("live-wire", () => {
  test("draws an object by three clicks beside its border, and Enter", () => {
    for (const degrees of [0, 120, 240]) click(onBorder(degrees, 3));
    runner.feed({ type: "command", id: "accept" });
    expect(iou()).toBeGreaterThan(0.97);
    expect(made.asked).toEqual([]);
    expect(made.editor.history.get().undo).toBe("Draw with live-wire");
    expect(runner.isRunning).toBe(false);
  });

  test("shows the way while the pointer moves, and a click fixes what was shown", () => {
    click(onBorder(0));
    runner.feed(step("pointermove", onBorder(90, 2)));
    const { points, cursor } = ring();
    const shown = [...points, cursor];
    // The straight way would pass the middle of the chord, 7 pixels inside.
    for (const [x, y] of points)
      expect(Math.abs(Math.hypot(x - X, y - Y) - RADIUS)).toBeLessThan(1.5);
    expect(points.length).toBeGreaterThanOrEqual(4);
    click(onBorder(90, 2));
    expect(ring().points.slice(0, shown.length)).toEqual(shown);
    expect(ring().handles).toHaveLength(2);
  });

  test("closes on the first point, and is then what was shown", () => {
    for (const degrees of [0, 120, 240]) click(onBorder(degrees));
    runner.feed(step("pointermove", onBorder(0, 1)));
    expect(ring().closes).toBe(true);
    const shown = ring().points;
    runner.feed(step("pointerdown", onBorder(0, 1)));
    const one = drawn();
    expect(one && isPolygons(one.segmentation) && one.segmentation[0]?.[0]).toEqual(shown.flat());
    expect(iou()).toBeGreaterThan(0.97);
  });

  test("closes by a double click", () => {
    // Beside the border: the point that the first click finds lies farther away than a second click may.
    for (const degrees of [0, 120, 240, 240]) click(onBorder(degrees, 5));
    expect(iou()).toBeGreaterThan(0.97);
  });

  test("goes straight, and exactly there, with Alt", () => {
    click([10.25, 10.5], { alt: true });
    click([90, 12], { alt: true });
    click([50, 75], { alt: true });
    expect(ring().points.slice(0, 3)).toEqual([
      [10.25, 10.5],
      [90, 12],
      [50, 75],
    ]);
  });

  test("takes back one click at a time, and ends with the first", () => {
    for (const degrees of [0, 120, 240]) click(onBorder(degrees));
    runner.feed({ type: "command", id: "delete" });
    expect(ring().handles).toHaveLength(2);
    runner.feed({ type: "command", id: "delete" });
    runner.feed({ type: "command", id: "delete" });
    expect(runner.isRunning).toBe(false);
    expect(drawn()).toBeUndefined();
  });

  test("does not close what has no area yet", () => {
    click(onBorder(0));
    runner.feed({ type: "command", id: "accept" });
    expect(runner.isRunning).toBe(true);
  });

  test("cuts from the selected annotation, as every shape does", () => {
    const whole = [[[0, 0, 100, 0, 100, 80, 0, 80]]];
    const id = made.editor.create({ segmentation: whole, source: "manual", score: null }, "All");
    made.editor.select(id);
    toggleCombining(made.editor, "cut");
    for (const degrees of [0, 120, 240]) click(onBorder(degrees));
    runner.feed({ type: "command", id: "accept" });
    expect(made.editor.annotations.all()).toHaveLength(1);
    expect(Math.abs((drawn()?.area ?? 0) - (8000 - Math.PI * RADIUS ** 2))).toBeLessThan(60);
  });

  test("is straight where the picture cannot be read", () => {
    made = testEditor([liveWire], [], { image: { ...IMAGE, pixels: () => null } });
    runner = gestureOf(liveWire, made.editor);
    click([10, 10]);
    click([60, 10]);
    runner.feed(step("pointermove", [60, 60]));
    expect(ring()).toMatchObject({
      points: [
        [10, 10],
        [60, 10],
      ],
      cursor: [60, 60],
    });
  });
});
