import { describe, expect, test } from "vitest";
import { colorIn } from "./appearance";
import { serverAnnotation } from "./testing";

const CAT = { id: 1, name: "cat", color: "#ff6b6b", hotkey: null, isthing: true };
const SKY = { ...CAT, id: 2, name: "sky", color: "#4c8dff", isthing: false };
const IDS = Array.from({ length: 40 }, (_, i) => serverAnnotation(`annotation-${i}`));

describe("the colour of an annotation", () => {
  test("is its category's in outlines and in a semantic map", () => {
    for (const one of IDS) {
      expect(colorIn("annotations", one, CAT)).toBe(CAT.color);
      expect(colorIn("semantic", one, CAT)).toBe(CAT.color);
    }
  });

  test.each(["instance", "panoptic"] as const)(
    "tells things apart in an %s map, always alike",
    (view) => {
      const colors = IDS.map((one) => colorIn(view, one, CAT));
      expect(new Set(colors).size).toBeGreaterThan(25);
      expect(colors.every((color) => /^#[0-9a-f]{6}$/.test(color))).toBe(true);
      expect(IDS.map((one) => colorIn(view, one, CAT))).toEqual(colors);
    },
  );

  test("is one for all stuff of a category in a panoptic map", () => {
    expect(new Set(IDS.map((one) => colorIn("panoptic", one, SKY)))).toEqual(new Set([SKY.color]));
  });

  test("is gray for a category that is not known", () => {
    expect(colorIn("annotations", serverAnnotation("a"), undefined)).toBe("#8a94a3");
  });
});
