import { describe, expect, test } from "vitest";
import { distance, nearestOnSegment, type Point } from "./points";
import { spansArea } from "./spans";
import { brushCentre, strokeSpans } from "./strokes";
import { seeded } from "./testing";

const SIZE = { width: 40, height: 30 };

function pixelsOf(a: Point, b: Point, radius: number): Set<number> {
  const found = new Set<number>();
  const { lines, starts, ends } = strokeSpans(a, b, radius, SIZE);
  for (let k = 0; k < lines.length; k++) {
    for (let x = starts[k] as number; x < (ends[k] as number); x++) {
      found.add((lines[k] as number) * SIZE.width + x);
    }
  }
  return found;
}

describe("a stroke", () => {
  test("covers the pixels whose centres are near enough, and no others", () => {
    const random = seeded(4);
    for (let round = 0; round < 60; round++) {
      const at = (): Point => [random() * 50 - 5, random() * 40 - 5];
      const [a, b] = [at(), at()];
      const radius = 0.3 + random() * 9;
      const found = pixelsOf(a, b, radius);
      for (let y = 0; y < SIZE.height; y++) {
        for (let x = 0; x < SIZE.width; x++) {
          const centre: Point = [x + 0.5, y + 0.5];
          const away = distance(centre, nearestOnSegment(centre, a, b));
          // What lies on the border to the last bit may fall to either side.
          if (Math.abs(away - radius) < 1e-9) continue;
          expect(found.has(y * SIZE.width + x)).toBe(away < radius);
        }
      }
    }
  });

  test.each([
    [1, 1],
    [2, 4],
    [3, 9],
    [4, 12],
    [5, 21],
  ])(
    "of diameter %i that only touches covers %i pixels, wherever the pointer is",
    (diameter, area) => {
      for (const point of [
        [10, 10],
        [10.49, 10.51],
        [10.99, 10.01],
      ] satisfies Point[]) {
        const centre = brushCentre(point, diameter);
        expect(spansArea(strokeSpans(centre, centre, diameter / 2, SIZE))).toBe(area);
      }
    },
  );

  test("of one pixel leaves no gap", () => {
    const [a, b] = [brushCentre([3, 3], 1), brushCentre([30, 17], 1)];
    const { lines, starts, ends } = strokeSpans(a, b, 0.5, SIZE);
    const columns = new Set<number>();
    for (let k = 0; k < lines.length; k++) {
      for (let x = starts[k] as number; x < (ends[k] as number); x++) columns.add(x);
    }
    expect(columns.size).toBe(28);
  });

  test("outside the image covers nothing", () => {
    expect(pixelsOf([-30, -30], [-20, -20], 5).size).toBe(0);
    expect(pixelsOf([70, 10], [80, 10], 5).size).toBe(0);
  });
});
