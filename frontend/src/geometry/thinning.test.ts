import { describe, expect, test } from "vitest";
import { distance, nearestOnSegment, type Point } from "./points";
import { type Ring, vertexAt, vertexCount } from "./rings";
import { seeded } from "./testing";
import { thinRing } from "./thinning";

function wobbly(vertices: number, seed: number): Ring {
  const random = seeded(seed);
  return Array.from({ length: vertices }, (_, i) => {
    const turn = (i / vertices) * 2 * Math.PI;
    const reach = 40 + 6 * Math.sin(5 * turn) + random();
    return [100 + reach * Math.cos(turn), 100 + reach * Math.sin(turn)];
  }).flat();
}

/** How far the farthest vertex of one ring lies from the other's outline. */
function farthestFrom(outline: Ring, ring: Ring): number {
  const points = (of: Ring) => Array.from({ length: vertexCount(of) }, (_, i) => vertexAt(of, i));
  const away = (point: Point) =>
    Math.min(
      ...points(outline).map((a, i) =>
        distance(point, nearestOnSegment(point, a, vertexAt(outline, i + 1))),
      ),
    );
  return Math.max(...points(ring).map(away));
}

test("vertices on straight edges go, corners stay", () => {
  const square = [0, 0, 5, 0, 10, 0, 10, 10, 5, 10, 0, 10, 0, 4];
  expect(thinRing(square, 0)).toEqual([0, 0, 10, 0, 10, 10, 0, 10]);
});

describe.each([0.1, 0.5, 2, 8])("with a tolerance of %d", (tolerance) => {
  test("no vertex that goes lies farther from the outline that is drawn", () => {
    for (const seed of [1, 2, 3, 4, 5]) {
      const ring = wobbly(100, seed);
      const thin = thinRing(ring, tolerance);
      expect(farthestFrom(thin, ring)).toBeLessThanOrEqual(tolerance + 1e-9);
      expect(farthestFrom(ring, thin)).toBe(0);
    }
  });
});

test("a larger tolerance leaves fewer vertices", () => {
  const counts = [0.1, 0.5, 2, 8].map((tolerance) => thinRing(wobbly(100, 7), tolerance).length);
  expect(counts).toEqual([...counts].sort((a, b) => b - a));
  expect(new Set(counts).size).toBe(4);
});

test("a ring smaller than the tolerance becomes a line", () => {
  expect(vertexCount(thinRing(wobbly(100, 1), 500))).toBe(2);
});

test("a ring that has nothing to spare stays the same object", () => {
  const triangle = [0, 0, 10, 0, 0, 10];
  expect(thinRing(triangle, 1)).toBe(triangle);
});

test("vertices that all lie in one place are no trouble", () => {
  expect(thinRing([3, 3, 3, 3, 3, 3], 1).length).toBeLessThanOrEqual(4);
});
