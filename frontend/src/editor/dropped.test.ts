import { describe, expect, test } from "vitest";
import type { Point } from "../geometry/points";
import boxPrompt from "../tools/box-prompt";
import liveWire from "../tools/live-wire";
import polygon from "../tools/polygon";
import rectangle from "../tools/rectangle";
import select from "../tools/select";
import { selectListed } from "./acts";
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
  const selecting = watched(select);
  const made = testEditor([tool, rectangle, selecting.tool, boxPrompt], [A, B]);
  before(made.editor);
  // Alt goes exactly there.
  const click = (at: Point) => drag(runner(), [at], { alt: true });
  for (const at of CORNERS) click(at);
  const draft = made.editor.draft.get();
  return { ...made, click, runner, selecting, points: draft?.kind === "ring" ? draft.points : [] };
}

const WAYS: readonly [how: string, drop: (editor: Editor) => void][] = [
  ["Escape", (editor) => pressKey(editor, "Escape")],
  ["the key of another tool", (editor) => pressKey(editor, "R")],
  ["a click on a row of the list", (editor) => selectListed(editor, "b")],
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
  selectListed(editor, "b");
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

const DEEDS: readonly [deed: string, act: (made: ReturnType<typeof drawing>) => void][] = [
  [
    "another change is undone",
    ({ editor }) => {
      editor.remove("b");
      editor.undo();
    },
  ],
  [
    "something is selected on the canvas",
    ({ editor, selecting }) => {
      pressKey(editor, "V");
      drag(selecting.runner(), [[85, 5]]);
    },
  ],
  ["something is selected in the list", ({ editor }) => selectListed(editor, "b")],
  ["something is hidden", ({ editor }) => editor.setHidden(["b"], true)],
  ["something is locked", ({ editor }) => editor.visibility.setLocked(["b"], true)],
];

describe("what was dropped", () => {
  test.each(DEEDS)("stays away, and undo takes back the step before, once %s", (_, act) => {
    const made = drawing(polygon, (fresh) => fresh.remove("a"));
    const { editor } = made;
    pressKey(editor, "Escape");
    act(made);
    expect(editor.history.get().undo).toBe("Delete annotation");
    pressKey(editor, "Mod+Z");
    expect(editor.annotations.all()).toHaveLength(2);
    expect(editor.draft.get()).toBeNull();
  });

  test("comes back while only its own tool goes on: of two outlines first the last one", () => {
    const { editor, click } = drawing(polygon);
    const count = () => {
      const draft = editor.draft.get();
      return draft?.kind === "ring" ? draft.points.length : 0;
    };
    pressKey(editor, "Escape");
    for (const at of CORNERS.slice(0, 2)) click(at);
    pressKey(editor, "Escape");
    // Two points are taken back one by one.
    const counts = [1, 2, 3, 4].map(() => {
      pressKey(editor, "Mod+Z");
      return count();
    });
    expect(counts).toEqual([2, 1, 0, 3]);
  });

  test("and came back is forgotten when it is dropped as it is, and kept when it was worked on", () => {
    const { editor, click } = drawing(polygon, (fresh) => fresh.remove("a"));
    pressKey(editor, "Escape");
    pressKey(editor, "Mod+Z");
    click([10, 40]);
    pressKey(editor, "Escape");
    pressKey(editor, "Mod+Z");
    expect(editor.draft.get()).toMatchObject({ points: [...CORNERS, [10, 40]] });
    pressKey(editor, "Escape");
    pressKey(editor, "Mod+Z");
    expect(editor.draft.get()).toBeNull();
    expect(editor.annotations.all()).toHaveLength(2);
  });
});

test.each([polygon, liveWire] as Tool[])("a single point of the tool $id is not kept", (tool) => {
  const { editor, click } = drawing(tool, (fresh) => fresh.remove("a"));
  pressKey(editor, "Enter");
  click([90, 70]);
  pressKey(editor, "V");
  expect(editor.history.get().undo).toMatch(/^Draw/);
});

test("an outline, and others that wait for a category, all come back after two Escapes", () => {
  const { editor } = drawing(polygon, (fresh) => {
    fresh.activeCategory.set(null);
    fresh.create({ segmentation: square(0, 0, 4), source: "manual", score: null }, "Draw");
  });
  for (const key of ["Escape", "Escape", "Mod+Z", "Mod+Z"]) pressKey(editor, key);
  expect(editor.waiting.outlines.get()).toHaveLength(1);
  expect(editor.draft.get()).toMatchObject({ kind: "ring", points: CORNERS });
});

test("a proposal and an outline that waits, dropped again as they came back, are in no circle", async () => {
  const { editor } = testEditor([boxPrompt], [A]);
  editor.remove("a");
  await editor.proposals.request([10, 10, 30, 30]);
  editor.activeCategory.set(null);
  editor.create({ segmentation: square(0, 0, 4), source: "manual", score: null }, "Draw");
  for (const key of ["Escape", "Escape", "Mod+Z", "Escape", "Mod+Z", "Escape"]) {
    pressKey(editor, key);
  }
  expect(editor.waiting.outlines.get()).toEqual([]);
  pressKey(editor, "Mod+Z");
  expect(editor.annotations.all()).toHaveLength(1);
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
