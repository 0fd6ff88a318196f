import { describe, expect, test } from "vitest";
import { tools } from "../tools";
import { CROSSHAIR, CROSSHAIR_COMMAND, hasCrosshair, isCrosshair } from "./crosshair";
import { testEditor } from "./testing";

const shownWith = (which: "none" | "box" | "all") =>
  tools.filter((tool) => hasCrosshair({ ...CROSSHAIR, tools: which }, tool)).map(({ id }) => id);

describe("the crosshair", () => {
  test("is shown for boxes, for all that draws, or not at all", () => {
    expect(shownWith("none")).toEqual([]);
    expect(shownWith("box")).toEqual(["box-prompt", "rectangle", "ellipse"]);
    expect(shownWith("all")).toEqual(expect.arrayContaining(["polygon", "brush", "eraser"]));
    expect(shownWith("all")).not.toEqual(expect.arrayContaining(["select"]));
    expect(shownWith("all")).not.toEqual(expect.arrayContaining(["pan"]));
  });

  test("goes through its ways by its key, and keeps colour and width", () => {
    const { editor } = testEditor(tools);
    const { crosshair } = editor.drawing;
    crosshair.set({ tools: "box", color: "#ff0000", width: 3 });
    const ways = [1, 2, 3].map(() => {
      CROSSHAIR_COMMAND.run(editor, {} as never);
      return crosshair.get();
    });
    expect(ways.map(({ tools: which }) => which)).toEqual(["all", "none", "box"]);
    expect(ways.at(-1)).toEqual({ tools: "box", color: "#ff0000", width: 3 });
  });

  test.each([
    [CROSSHAIR, true],
    [{ ...CROSSHAIR, tools: "some" }, false],
    [{ ...CROSSHAIR, color: "url(x)" }, false],
    [{ ...CROSSHAIR, width: 40 }, false],
    [null, false],
  ])("takes from what was kept only what fits: %j", (kept, isFitting) => {
    expect(isCrosshair(kept)).toBe(isFitting);
  });
});
