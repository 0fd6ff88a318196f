import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Point } from "../geometry/points";
import boxPrompt from "../tools/box-prompt";
import brush from "../tools/brush";
import liveWire from "../tools/live-wire";
import measure from "../tools/measure";
import polygon from "../tools/polygon";
import { drag, step, testEditor, watched } from "./testing";
import type { Tool } from "./tool";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"] });
});
afterEach(() => {
  vi.useRealTimers();
});

const CORNERS: readonly Point[] = [
  [10, 10],
  [40, 10],
  [40, 40],
  [10, 40],
];

const OPEN: readonly [what: string, points: readonly Point[]][] = [
  ["two points", CORNERS.slice(0, 2)],
  [
    "points on one line",
    [
      [10, 10],
      [20, 10],
      [40, 10],
    ],
  ],
];

/** A tool in hand, and clicks at places. */
function withTool(one: Tool, clicks: readonly Point[] = []) {
  const { tool, runner } = watched(one);
  const made = testEditor([tool]);
  for (const at of clicks) drag(runner(), [at], { alt: true });
  const titles = () => made.notices.map(({ title }) => title);
  return { ...made, runner, titles, unfinished: made.editor.unfinished };
}

describe("who leaves the image", () => {
  test.each([polygon, liveWire] as Tool[])(
    "is told of what is drawn with $id, which is not closed for them",
    (tool) => {
      const { editor, unfinished, titles } = withTool(tool, CORNERS);
      expect(unfinished.mayLeave()).toBe(false);
      expect([editor.draft.get()?.kind, editor.annotations.all()]).toEqual(["ring", []]);
      expect(titles()).toEqual(["You are still drawing"]);
    },
  );

  test("leaves only after having had the time to read, and is told anew after a while", () => {
    const { unfinished, titles } = withTool(polygon, CORNERS);
    const later = (ms: number) => {
      vi.advanceTimersByTime(ms);
      return unfinished.mayLeave();
    };
    expect([later(0), later(100), later(400)]).toEqual([false, false, true]);
    expect(titles()).toHaveLength(1);
    expect([later(20_000), later(500)]).toEqual([false, true]);
    expect(titles()).toHaveLength(2);
  });

  test.each(OPEN)("is told once of an outline of %s, which stays", (_, points) => {
    const { editor, unfinished, titles } = withTool(polygon, points);
    expect(unfinished.mayLeave()).toBe(false);
    expect(titles()).toEqual(["You are still drawing"]);
    expect(editor.draft.get()).toMatchObject({ kind: "ring", points });
    vi.advanceTimersByTime(500);
    expect(unfinished.mayLeave()).toBe(true);
    expect([editor.annotations.all(), titles().length]).toEqual([[], 1]);
  });

  test("is told of each outline anew", () => {
    const { editor, runner, unfinished } = withTool(polygon, CORNERS.slice(0, 1));
    expect(unfinished.mayLeave()).toBe(false);
    editor.escape();
    expect(unfinished.mayLeave()).toBe(true);
    drag(runner(), [[50, 50]]);
    expect(unfinished.mayLeave()).toBe(false);
  });

  test("is told of a stroke that is held, but not of a line that was measured", () => {
    const painting = withTool(brush);
    painting.runner().feed(step("pointerdown", [10, 10]));
    painting.runner().feed(step("pointermove", [30, 10]));
    expect(painting.unfinished.mayLeave()).toBe(false);
    painting.runner().feed(step("pointerup", [30, 10]));
    expect(painting.unfinished.mayLeave()).toBe(true);
    expect(painting.editor.annotations.all()).toHaveLength(1);
    const measuring = withTool(measure);
    drag(measuring.runner(), [
      [10, 10],
      [40, 10],
    ]);
    expect(measuring.editor.draft.get()).toMatchObject({ kind: "line" });
    expect(measuring.unfinished.mayLeave()).toBe(true);
  });

  test("is told of a proposal, first while it runs and again when it is there", async () => {
    const { editor, unfinished, titles } = withTool(boxPrompt);
    const asked = editor.proposals.request([10, 10, 30, 30]);
    const twice = () => {
      const first = unfinished.mayLeave();
      vi.advanceTimersByTime(500);
      return [first, unfinished.mayLeave()];
    };
    expect(twice()).toEqual([false, true]);
    await asked;
    expect(twice()).toEqual([false, true]);
    expect(titles()).toEqual(["A proposal is open", "A proposal is open"]);
    expect(editor.annotations.all()).toEqual([]);
  });
});

describe("an earlier moment is not shown", () => {
  const moment = { id: 1, contents: new Map(), deleted: [] };

  test("while an outline is drawn, which goes on", () => {
    const { editor, runner, titles } = withTool(polygon, CORNERS.slice(0, 3));
    editor.past.show(moment);
    expect(editor.past.moment.get()).toBeNull();
    expect(titles()).toEqual(["You are still drawing"]);
    drag(runner(), [CORNERS[3] as Point]);
    editor.commandToGesture("accept");
    expect(editor.annotations.all().map(({ area }) => area)).toEqual([900]);
    editor.past.show(moment);
    expect(editor.past.moment.get()).toBe(moment);
  });

  test("while a proposal is open, which stays", async () => {
    const { editor } = withTool(boxPrompt);
    await editor.proposals.request([10, 10, 30, 30]);
    editor.past.show(moment);
    expect(editor.past.moment.get()).toBeNull();
    expect(editor.proposals.state.get()?.kind).toBe("ready");
  });
});
