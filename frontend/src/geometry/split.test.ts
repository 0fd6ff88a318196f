import { describe, expect, test } from "vitest";
import { combineRuns } from "./boolean";
import type { Point } from "./points";
import { polygonsHavePoint } from "./polygons";
import { polygonsToRuns } from "./raster";
import { runsArea } from "./runs";
import { sideOfLine } from "./split";
import { seeded } from "./testing";

const SIZE = { width: 60, height: 40 };

describe("a line through an image", () => {
  test.each([
    [
      "to the right",
      [
        [20, 10],
        [40, 10],
      ],
      [30, 5],
    ],
    [
      "to the left",
      [
        [40, 10],
        [20, 10],
      ],
      [30, 20],
    ],
    [
      "downwards",
      [
        [20, 10],
        [20, 30],
      ],
      [25, 20],
    ],
    [
      "upwards",
      [
        [20, 30],
        [20, 10],
      ],
      [5, 20],
    ],
    [
      "aslant",
      [
        [20, 20],
        [30, 30],
      ],
      [40, 25],
    ],
  ] as [string, Point[], Point][])("%s has its left side", (_, line, inside) => {
    const side = sideOfLine(line, SIZE);
    expect(side && polygonsHavePoint(side, inside)).toBe(true);
    const other = sideOfLine([...line].reverse(), SIZE);
    expect(other && polygonsHavePoint(other, inside)).toBe(false);
  });

  test("parts it into two sides, which have all pixels once", () => {
    const random = seeded(8);
    for (let round = 0; round < 200; round++) {
      const at = (): Point => [random() * SIZE.width, random() * SIZE.height];
      const line = [at(), at()];
      const sides = [line, [...line].reverse()].map((one) => sideOfLine(one, SIZE));
      const [a, b] = sides.map((side) => polygonsToRuns(side ?? [], SIZE));
      if (!a || !b) throw new Error("There are two sides.");
      expect(runsArea(a) + runsArea(b)).toBe(SIZE.width * SIZE.height);
      expect(runsArea(combineRuns("intersection", a, [b]))).toBe(0);
    }
  });

  test("follows its bends", () => {
    const side = sideOfLine(
      [
        [10, 20],
        [30, 5],
        [50, 20],
      ],
      SIZE,
    );
    expect(side && polygonsHavePoint(side, [30, 2])).toBe(true);
    expect(side && polygonsHavePoint(side, [30, 12])).toBe(false);
  });

  test("that is a mere point parts nothing", () => {
    expect(
      sideOfLine(
        [
          [5, 5],
          [5, 5],
        ],
        SIZE,
      ),
    ).toBeNull();
  });
});
