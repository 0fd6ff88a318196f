import { describe, expect, test } from "vitest";
import type { Point } from "../geometry/points";
import boxPrompt from "../tools/box-prompt";
import liveWire from "../tools/live-wire";
import polygon from "../tools/polygon";
import rectangle from "../tools/rectangle";
import select from "../tools/select";
import { toggleCombining } from "./drawing";
import type { Editor } from "./editor";
import { drag, pressKey, serverAnnotation, square, testEditor, watched } from "./testing";
import type { Tool } from "./tool";

const CORNERS: readonly Point[] = [
  [10, 10],
  [40, 10],
  [40, 40],
];
const A = serverAnnotation("a", { segmentation: square(60, 0, 10), area: 100 });
const B = serverAnnotation("b", { segmentation: square(80, 0, 10), area: 100 });

/** An editor in which an outline of three corners is drawn. */
function drawing(outliner: Tool, before: (editor: Editor) => void = () => {}) {
  const { tool, runner } = watched(outliner);
  const made = testEditor([tool, rectangle, select, boxPrompt], [A, B]);
  before(made.editor);
  // Alt goes exactly there.
  const click = (at: Point) => drag(runner(), [at], { alt: true });
  for (const at of CORNERS) click(at);
  const draft = made.editor.draft.get();
  return { ...made, click, runner, points: draft?.kind === "ring" ? draft.points : [] };
}

const WAYS: readonly [how: string, drop: (editor: Editor) => void][] = [
  ["Escape", (editor) => pressKey(editor, "Escape")],
  ["the key of another tool", (editor) => pressKey(editor, "R")],
  [
    "a click on a row of the list",
    (editor) => {
      editor.setTool("select");
      editor.select("b");
    },
  ],
];

describe.each([polygon, liveWire] as Tool[])(
  "an outline that is drawn with the tool $id",
  (tool) => {
    test.each(WAYS)("is dropped by %s, comes back by one undo, and goes on", (_, drop) => {
      const { editor, click, points } = drawing(tool);
      expect(points.length).toBeGreaterThanOrEqual(3);
      drop(editor);
      expect([editor.draft.get(), editor.annotations.all().length]).toEqual([null, 2]);
      expect(editor.history.get().undo).toBe("Drop outline");
      pressKey(editor, "Mod+Z");
      expect(editor.tool.get().id).toBe(tool.id);
      expect(editor.draft.get()).toMatchObject({ kind: "ring", points });
      click([10, 40]);
      pressKey(editor, "Enter");
      expect(editor.annotations.all().at(-1)?.area).toBe(900);
    });
  },
);

test("an outline that comes back is added to what it was to be added to", () => {
  const { editor, runner } = drawing(polygon, (fresh) => {
    fresh.select("a");
    toggleCombining(fresh, "add");
  });
  editor.setTool("select");
  editor.select("b");
  pressKey(editor, "Mod+Z");
  pressKey(editor, "Enter");
  expect(editor.annotations.all().map(({ id }) => id)).toEqual(["a", "b"]);
  expect(editor.annotations.get("a")?.area).toBeGreaterThan(500);
  expect(runner().isRunning).toBe(false);
});

test("an outline that was dropped while a line of it was held traces no more when it comes back", () => {
  const { editor, runner } = drawing(polygon);
  const press = { type: "pointerdown", pixel: [10, 40], shift: false, alt: false } as const;
  const at = { unitsPerPixel: 1, pressure: 1, isFinger: false, point: [10, 40] } as const;
  runner().feed({ ...press, ...at });
  pressKey(editor, "Escape");
  pressKey(editor, "Mod+Z");
  runner().feed({ ...press, ...at, type: "pointermove", point: [90, 70] });
  expect(editor.draft.get()).toMatchObject({ points: [...CORNERS, [10, 40]], cursor: [90, 70] });
});

test("what was dropped stays away once something is changed", () => {
  const { editor } = drawing(polygon);
  pressKey(editor, "Escape");
  editor.remove("a");
  pressKey(editor, "Mod+Z");
  pressKey(editor, "Mod+Z");
  expect(editor.annotations.all()).toHaveLength(2);
  expect(editor.draft.get()).toBeNull();
});

describe("a proposal", () => {
  test.each(WAYS)("is dropped by %s, and comes back by undo with its tool", async (_, drop) => {
    const { editor } = testEditor([boxPrompt, rectangle, select], [A, B]);
    await editor.proposals.request([10, 10, 30, 30]);
    const shown = editor.proposals.state.get();
    drop(editor);
    expect(editor.proposals.state.get()).toBeNull();
    pressKey(editor, "Mod+Z");
    expect(editor.tool.get().id).toBe("box-prompt");
    expect(editor.proposals.state.get()).toEqual(shown);
    pressKey(editor, "Enter");
    expect(editor.annotations.all()).toHaveLength(3);
  });
});

test("an outline that waits for its first category comes back after Escape", () => {
  const { editor } = testEditor([polygon], [], { categories: [], activeCategory: null });
  editor.create({ segmentation: square(0, 0, 4), source: "manual", score: null }, "Draw");
  pressKey(editor, "Escape");
  expect(editor.waiting.outlines.get()).toEqual([]);
  pressKey(editor, "Mod+Z");
  expect(editor.waiting.outlines.get()).toHaveLength(1);
});
