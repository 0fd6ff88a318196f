import { beforeEach, describe, expect, test } from "vitest";
import { gestureOf, serverAnnotation, step, type TestEditor, testEditor } from "../editor/testing";
import type { Point } from "../geometry/points";
import polygon from "./polygon";

const A: Point = [10, 10];
const B: Point = [40, 10];
const C: Point = [40, 40];
const D: Point = [10, 40];

let made: TestEditor;
let runner: ReturnType<typeof gestureOf>;
beforeEach(() => {
  made = testEditor([polygon]);
  runner = gestureOf(polygon, made.editor);
});

function click(...points: readonly Point[]): void {
  for (const point of points) {
    runner.feed(step("pointermove", point));
    runner.feed(step("pointerdown", point));
    runner.feed(step("pointerup", point));
  }
}
const command = (id: string) => runner.feed({ type: "command", id });
const drawn = () => made.editor.annotations.all().map(({ segmentation }) => segmentation);

describe("a polygon is closed", () => {
  test("by Enter, in one undo step", () => {
    click(A, B, C, D);
    command("accept");
    expect(drawn()).toEqual([[[[10, 10, 40, 10, 40, 40, 10, 40]]]]);
    expect(made.editor.draft.get()).toBeNull();
    expect(made.editor.history.get().undo).toBe("Draw polygon");
    made.editor.undo();
    expect(drawn()).toEqual([]);
  });

  test("by a click on its first point", () => {
    click(A, B, C, [12, 13]);
    expect(drawn()).toEqual([[[[10, 10, 40, 10, 40, 40]]]]);
  });

  test("by a double click, whose second press adds no point", () => {
    click(A, B, C, C);
    expect(drawn()).toEqual([[[[10, 10, 40, 10, 40, 40]]]]);
  });

  test("but not by a double click before there are three points", () => {
    click(A, A, B, B);
    expect(runner.isRunning).toBe(true);
    expect(drawn()).toEqual([]);
  });
});

test("a bow tie is a polygon, though its wings' areas cancel out", () => {
  click(A, C, B, D);
  command("accept");
  expect(drawn()).toEqual([[[[10, 10, 40, 40, 40, 10, 10, 40]]]]);
});

describe("a polygon is refused", () => {
  test("with fewer than three points, and goes on being drawn", () => {
    click(A, B);
    command("accept");
    expect(drawn()).toEqual([]);
    click(C);
    command("accept");
    expect(drawn()).toHaveLength(1);
  });

  test("while its points lie on one line", () => {
    click(A, [20, 10], [30, 10], [30, 10]);
    command("accept");
    expect(drawn()).toEqual([]);
    click(C);
    command("accept");
    expect(drawn()).toEqual([[[[10, 10, 20, 10, 30, 10, 40, 40]]]]);
  });
});

describe("while a polygon is drawn", () => {
  test.each(["delete", "undo"])("the command %s takes back the last point", (id) => {
    click(A, B, D, C);
    command(id);
    expect(made.editor.draft.get()).toMatchObject({ points: [A, B, D] });
    command("accept");
    expect(drawn()).toEqual([[[[10, 10, 40, 10, 10, 40]]]]);
  });

  test("taking back the first point ends it", () => {
    click(A);
    command("delete");
    expect(runner.isRunning).toBe(false);
    expect(made.editor.draft.get()).toBeNull();
  });

  test("the line follows the pointer, and the first point says when a click would close", () => {
    click(A, B, C);
    runner.feed(step("pointermove", [20, 30]));
    expect(made.editor.draft.get()).toMatchObject({ cursor: [20, 30], closes: false });
    runner.feed(step("pointermove", [11, 11]));
    expect(made.editor.draft.get()).toMatchObject({ cursor: A, closes: true });
  });
});

test("a polygon drawn before there is a category waits for one and is not lost", () => {
  made = testEditor([polygon], [], { categories: [], activeCategory: null });
  runner = gestureOf(polygon, made.editor);
  click(A, B, C);
  command("accept");
  expect(drawn()).toEqual([]);
  made.editor.waiting.give(5);
  expect(made.editor.annotations.all()).toMatchObject([{ category_id: 5, source: "manual" }]);
});

test("who may only view draws nothing, and is told why", () => {
  made = testEditor([polygon], [], { isReadOnly: true });
  runner = gestureOf(polygon, made.editor);
  click(A, B, C);
  command("accept");
  expect(drawn()).toEqual([]);
  expect(made.notices).toHaveLength(1);
});

describe("a polygon is drawn freely", () => {
  const wave: Point[] = Array.from({ length: 31 }, (_, i) => [10 + i, 20 + 6 * Math.sin(i / 5)]);

  test("while Shift is held, without a press", () => {
    click([10, 40]);
    for (const point of wave) runner.feed(step("pointermove", point, { shift: true }));
    click([40, 40]);
    command("accept");
    const ring = drawn().flat(2)[0] as readonly number[];
    // Fewer vertices than moves, and yet the wave is there.
    expect(ring.length / 2).toBeGreaterThan(6);
    expect(ring.length / 2).toBeLessThan(20);
    expect(Math.min(...ring.filter((_, i) => i % 2))).toBeLessThan(15);
  });

  test("by a drag, and the next click goes on from its end", () => {
    runner.feed(step("pointerdown", [10, 40]));
    for (const point of wave) runner.feed(step("pointermove", point));
    runner.feed(step("pointerup", [40, 20]));
    click([40, 60]);
    command("accept");
    const ring = drawn().flat(2)[0] as readonly number[];
    expect(ring.slice(0, 2)).toEqual([10, 40]);
    expect(ring.slice(-2)).toEqual([40, 60]);
  });

  test("and taken back as a whole", () => {
    click([10, 40]);
    for (const point of wave) runner.feed(step("pointermove", point, { shift: true }));
    runner.feed(step("pointermove", [41, 30]));
    command("delete");
    click([40, 60], [10, 60]);
    command("accept");
    expect(drawn()).toEqual([[[[10, 40, 40, 60, 10, 60]]]]);
  });
});

describe("beside a neighbour", () => {
  const neighbour = serverAnnotation("n", {
    segmentation: [[[50, 20, 70, 20, 70, 30, 70, 60, 50, 60]]],
    area: 800,
  });
  beforeEach(() => {
    made = testEditor([polygon], [neighbour]);
    runner = gestureOf(polygon, made.editor);
  });
  const last = () => made.editor.annotations.all().at(-1)?.segmentation;

  test("a click goes to its vertex, or onto its edge", () => {
    click([90, 18], [73, 24], [72, 47], [90, 60]);
    command("accept");
    // The upper one is a vertex's, the lower one an edge's; between them lies another vertex of the border.
    expect(last()).toEqual([[[90, 18, 70, 20, 70, 30, 70, 47, 90, 60]]]);
  });

  test("the border between two clicks on it is followed, over as many vertices as there are", () => {
    click([90, 10], [50, 20], [70, 60], [90, 70]);
    command("accept");
    // 60 px by the right side, 60 by the left: the first of two equal ways.
    expect(last()).toEqual([[[90, 10, 50, 20, 70, 20, 70, 30, 70, 60, 90, 70]]]);
    expect(made.editor.annotations.all().map(({ area }) => area)[0]).toBe(800);
  });

  test("Alt goes straight, and N leaves neighbours alone", () => {
    runner.feed(step("pointerdown", [50, 20]));
    runner.feed(step("pointerup", [50, 20]));
    runner.feed(step("pointerdown", [70, 60], { alt: true }));
    runner.feed(step("pointerup", [70, 60]));
    click([20, 70]);
    command("accept");
    expect(last()).toEqual([[[50, 20, 70, 60, 20, 70]]]);
    made.editor.drawing.snaps.set(false);
    click([73, 24], [90, 24], [90, 40]);
    command("accept");
    expect(last()).toEqual([[[73, 24, 90, 24, 90, 40]]]);
  });

  test("the border is taken back with the click that followed it", () => {
    click([90, 18], [70, 20], [70, 60]);
    command("delete");
    click([90, 40]);
    command("accept");
    expect(last()).toEqual([[[90, 18, 70, 20, 90, 40]]]);
  });
});
