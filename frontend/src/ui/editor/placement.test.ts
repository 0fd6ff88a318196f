import { describe, expect, test } from "vitest";
import type { BoxXYXY } from "../../geometry/boxes";
import { placeBeside } from "./placement";

const ROOM = { width: 1000, height: 800 };
const CARD = { width: 200, height: 100 };
const at = (box: BoxXYXY) => placeBeside(box, CARD, ROOM);

describe("a card goes", () => {
  test("right of the box where there is room", () => {
    expect(at([300, 200, 500, 400])).toEqual([512, 200]);
  });

  test("else left of it", () => {
    expect(at([600, 200, 900, 400])).toEqual([388, 200]);
  });

  test("else below it", () => {
    expect(at([100, 100, 950, 500])).toEqual([100, 512]);
  });

  test("else above it", () => {
    expect(at([100, 300, 950, 790])).toEqual([100, 188]);
  });

  test("into the corner where it covers least, when the box fills the room", () => {
    // Its lower left corner is the least covered: the box begins at 150.
    expect(at([150, 20, 990, 790])).toEqual([12, 12]);
    expect(at([10, 10, 990, 700])).toEqual([788, 688]);
  });

  test("never out of the room, wherever the box is", () => {
    for (const box of [
      [-500, -500, -100, -100],
      [1200, 300, 1500, 500],
      [300, -900, 500, -300],
      [-2000, -2000, 3000, 3000],
    ] as const) {
      const [x, y] = at([...box]);
      expect(x).toBeGreaterThanOrEqual(12);
      expect(y).toBeGreaterThanOrEqual(12);
      expect(x + CARD.width).toBeLessThanOrEqual(ROOM.width - 12);
      expect(y + CARD.height).toBeLessThanOrEqual(ROOM.height - 12);
    }
  });

  test("into the corner of a room that is smaller than it", () => {
    expect(placeBeside([10, 10, 90, 90], CARD, { width: 100, height: 60 })).toEqual([12, 12]);
  });
});
