import { describe, expect, test } from "vitest";
import { drag, gestureOf, testEditor } from "../editor/testing";
import type { Point } from "../geometry/points";
import { tools } from ".";
import magicWand from "./magic-wand";
import pointPrompt from "./point-prompt";
import superpixels from "./superpixels";

const traits = (name: string) => ({
  name,
  title: name,
  prompts: ["points", "strokes"],
  starts_from: ["points"],
  rank: 1,
  available: true,
});
const AT: [Point, Point] = [
  [20, 20],
  [20, 20],
];

describe("a tool of one engine", () => {
  test.each([
    [magicWand, "wand"],
    [superpixels, "superpixels"],
  ])("asks that engine, whatever is chosen for points", async (tool, engine) => {
    const { editor, asked } = testEditor(tools);
    editor.settings.engines.set([traits(engine), traits("other")]);
    editor.settings.choice.set({ ...editor.settings.choice.get(), points: "other" });
    editor.setTool(tool.id);
    drag(gestureOf(tool, editor), AT);
    await Promise.resolve();
    expect(asked.map((one) => one.engine)).toEqual([engine]);
    editor.setTool(pointPrompt.id);
    drag(gestureOf(pointPrompt, editor), AT);
    expect(asked.map((one) => one.engine)).toEqual([engine, "other"]);
  });
});
