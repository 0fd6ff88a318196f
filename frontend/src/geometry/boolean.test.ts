import { describe, expect, test } from "vitest";
import { type Combination, combinePolygons, combineRuns } from "./boolean";
import { quantise } from "./points";
import { countVertices, type Polygons } from "./polygons";
import { polygonsToRuns } from "./raster";
import type { Ring } from "./rings";
import { runsArea } from "./runs";
import { seeded } from "./testing";

const SIZE = { width: 60, height: 50 };
const WAYS: readonly Combination[] = ["union", "difference", "intersection"];

function square(x: number, y: number, side: number): Ring {
  return [x, y, x + side, y, x + side, y + side, x, y + side];
}

function pixels(polygons: Polygons): number[] {
  return [...polygonsToRuns(polygons, SIZE).changes];
}

/** A ring that may cross itself. */
function randomRing(random: () => number, count: number): Ring {
  return Array.from({ length: count }, () => [
    quantise(random() * SIZE.width),
    quantise(random() * SIZE.height),
  ]).flat();
}

describe("combined polygons", () => {
  test.each(WAYS)("have the pixels of the %s of their masks", (how) => {
    const random = seeded(11);
    for (let round = 0; round < 60; round++) {
      const make = (): Polygons =>
        Array.from({ length: 1 + Math.floor(random() * 2) }, () =>
          Array.from({ length: 1 + Math.floor(random() * 2) }, () => randomRing(random, 5)),
        );
      const [a, b, c] = [make(), make(), make()];
      const found = combinePolygons(how, a, [b, c], SIZE);
      const expected = combineRuns(
        how,
        polygonsToRuns(a, SIZE),
        [b, c].map((other) => polygonsToRuns(other, SIZE)),
      );
      expect(pixels(found)).toEqual([...expected.changes]);
    }
  });

  test("keep the vertices that they had, and get new ones where outlines cross", () => {
    const found = combinePolygons(
      "union",
      [[square(10, 10, 20)]],
      [[[square(20.5, 20.5, 20)]]],
      SIZE,
    );
    expect(found).toHaveLength(1);
    expect(countVertices(found)).toBe(8);
    const ring = found[0]?.[0] ?? [];
    const points = new Set(ring.flatMap((x, i) => (i % 2 ? [] : [`${x},${ring[i + 1]}`])));
    expect(points).toContain("10,10");
    expect(points).toContain("30,20.5");
    expect(points).toContain("40.5,40.5");
  });

  test("get a hole where one lies within the other", () => {
    const found = combinePolygons(
      "difference",
      [[square(10, 10, 20)]],
      [[[square(15, 15, 5)]]],
      SIZE,
    );
    expect(found.map((part) => part.length)).toEqual([2]);
    expect(runsArea(polygonsToRuns(found, SIZE))).toBe(400 - 25);
  });

  test("fall into parts where one cuts through the other", () => {
    const band: Polygons = [[[0, 18, 60, 18, 60, 22, 0, 22]]];
    const found = combinePolygons("difference", [[square(10, 10, 20)]], [band], SIZE);
    expect(found).toHaveLength(2);
    expect(runsArea(polygonsToRuns(found, SIZE))).toBe(400 - 80);
  });

  test("are none where nothing is left", () => {
    const [a, b] = [[[square(10, 10, 5)]], [[square(30, 30, 5)]]];
    expect(combinePolygons("intersection", a, [b], SIZE)).toEqual([]);
    expect(combinePolygons("difference", a, [[[square(0, 0, 40)]]], SIZE)).toEqual([]);
  });

  test("that abut stay abutting: what one loses to its neighbour, the neighbour has", () => {
    const random = seeded(5);
    for (let round = 0; round < 30; round++) {
      const a: Polygons = [[randomRing(random, 7)]];
      const b: Polygons = [[randomRing(random, 7)]];
      const without = combinePolygons("difference", a, [b], SIZE);
      const shared = combinePolygons("intersection", a, [b], SIZE);
      const areas = [without, shared].map((part) => runsArea(polygonsToRuns(part, SIZE)));
      expect((areas[0] ?? 0) + (areas[1] ?? 0)).toBe(runsArea(polygonsToRuns(a, SIZE)));
    }
  });
});
