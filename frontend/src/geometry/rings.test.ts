import { describe, expect, test } from "vitest";
import {
  insertVertex,
  moveVertex,
  nearestEdge,
  removeVertex,
  ringHasPoint,
  signedArea,
  translateRing,
  vertexAt,
} from "./rings";

const SQUARE = [0, 0, 4, 0, 4, 4, 0, 4];

describe("a ring", () => {
  test("has the area of its square, whichever way it runs", () => {
    expect(signedArea(SQUARE)).toBe(16);
    expect(signedArea([0, 0, 0, 4, 4, 4, 4, 0])).toBe(-16);
  });

  test("counts its vertices round", () => {
    expect(vertexAt(SQUARE, -1)).toEqual([0, 4]);
    expect(vertexAt(SQUARE, 4)).toEqual([0, 0]);
  });

  test.each([
    ["on the left edge", [0, 2], false],
    ["on the top edge", [2, 0], true],
    ["on the right edge", [4, 2], true],
    ["on the bottom edge", [2, 4], false],
    ["on the upper right corner", [4, 0], true],
    ["on the lower right corner", [4, 4], false],
    ["in the middle", [2, 2], true],
    ["outside", [5, 2], false],
  ] as const)("is half-open: a point %s", (_, point, inside) => {
    expect(ringHasPoint(SQUARE, point)).toBe(inside);
  });

  test("gives a point on the border of two abutting rings to exactly one", () => {
    const right = translateRing(SQUARE, 4, 0);
    for (const y of [0, 0.5, 1, 3.5]) {
      expect([ringHasPoint(SQUARE, [4, y]), ringHasPoint(right, [4, y])]).toEqual([true, false]);
    }
  });

  test("crosses itself by even and odd: the middle of a pentagram is outside", () => {
    const tips = [0, 2, 4, 1, 3].map((i) => (i * 2 * Math.PI) / 5);
    const star = tips.flatMap((angle) => [Math.sin(angle) * 10, -Math.cos(angle) * 10]);
    expect(ringHasPoint(star, [0, 0])).toBe(false);
    expect(ringHasPoint(star, [0, -8])).toBe(true);
  });

  test("finds the nearest place on its edges, also on the closing one", () => {
    expect(nearestEdge(SQUARE, [2, -1])).toEqual({ index: 0, point: [2, 0], distance: 1 });
    expect(nearestEdge(SQUARE, [-1, 3])).toEqual({ index: 3, point: [0, 3], distance: 1 });
  });

  test("changes one vertex and leaves the old ring as it was", () => {
    expect(moveVertex(SQUARE, 2, [5, 6])).toEqual([0, 0, 4, 0, 5, 6, 0, 4]);
    expect(insertVertex(SQUARE, 0, [2, 0])).toEqual([0, 0, 2, 0, 4, 0, 4, 4, 0, 4]);
    expect(insertVertex(SQUARE, 3, [0, 2])).toEqual([0, 0, 4, 0, 4, 4, 0, 4, 0, 2]);
    expect(removeVertex(SQUARE, 1)).toEqual([0, 0, 4, 4, 0, 4]);
    expect(SQUARE).toEqual([0, 0, 4, 0, 4, 4, 0, 4]);
  });

  test("keeps three vertices", () => {
    const triangle = [0, 0, 4, 0, 4, 4];
    expect(removeVertex(triangle, 1)).toBe(triangle);
  });
});
