import { describe, expect, test } from "vitest";
import type { Point } from "../geometry/points";
import liveWire from "../tools/live-wire";
import polygon from "../tools/polygon";
import type { KeyMap } from "./key-map";
import { drag, pressKey, serverAnnotation, square, testEditor, watched } from "./testing";
import type { Tool } from "./tool";

const MAP: KeyMap = { undo: ["Z"], delete: ["K"], accept: ["F2"] };
const CORNERS: readonly Point[] = [
  [10, 10],
  [40, 10],
  [40, 40],
  [10, 40],
  [25, 60],
];

describe.each([polygon, liveWire] as Tool[])("while something is drawn with $id", (one) => {
  test("undo, delete and accept are given by the keys that the user gave them", () => {
    const { tool, runner } = watched(one);
    const { editor } = testEditor(
      [tool],
      [serverAnnotation("a", { segmentation: square(80, 0, 10) })],
    );
    const points = () => {
      const draft = editor.draft.get();
      return draft?.kind === "ring" ? draft.points.length : 0;
    };
    for (const at of CORNERS) drag(runner(), [at], { alt: true });
    for (const key of ["Mod+Z", "Backspace", "Delete", "Enter"]) pressKey(editor, key, MAP);
    expect([points(), editor.annotations.all().length]).toEqual([5, 1]);
    pressKey(editor, "Z", MAP);
    expect(points()).toBe(4);
    pressKey(editor, "K", MAP);
    expect(points()).toBe(3);
    pressKey(editor, "F2", MAP);
    expect(points()).toBe(0);
    expect(editor.annotations.all().map(({ area }) => area)[1]).toBe(435);
  });
});
