import { describe, expect, test } from "vitest";
import { ellipseRing } from "./ellipse";
import { distance, nearestOnSegment, type Point } from "./points";
import { countVertices, type Polygons } from "./polygons";
import { polygonsToRuns } from "./raster";
import { vertexAt, vertexCount } from "./rings";
import { runsIoU } from "./runs";
import { simplifyLine, simplifyPolygons } from "./simplify";
import { seeded } from "./testing";

describe("a simplified line", () => {
  test("keeps its ends, and is nowhere farther off than the tolerance", () => {
    const random = seeded(2);
    for (let round = 0; round < 50; round++) {
      const line: Point[] = Array.from({ length: 60 }, (_, i) => [i, random() * 6]);
      const tolerance = 0.5 + random() * 3;
      const simple = simplifyLine(line, tolerance);
      expect(simple[0]).toBe(line[0]);
      expect(simple.at(-1)).toBe(line.at(-1));
      expect(simple.length).toBeLessThan(line.length);
      for (const point of line) {
        const away = simple.slice(1).map((end, i) => {
          return distance(point, nearestOnSegment(point, simple[i] as Point, end));
        });
        expect(Math.min(...away)).toBeLessThanOrEqual(tolerance + 1e-9);
      }
    }
  });

  test("loses what lies on it", () => {
    const line: Point[] = [
      [0, 0],
      [1, 1],
      [2, 2],
      [5, 5],
    ];
    expect(simplifyLine(line, 0)).toEqual([
      [0, 0],
      [5, 5],
    ]);
    expect(simplifyLine([[1, 1]], 1)).toEqual([[1, 1]]);
  });
});

describe("simplified polygons", () => {
  const size = { width: 200, height: 200 };
  const ring = ellipseRing([10, 20, 190, 180]);

  test("have fewer vertices the more is tolerated, and nearly the same pixels", () => {
    let before = vertexCount(ring) + 1;
    for (const tolerance of [0.2, 1, 4]) {
      const simple = simplifyPolygons([[ring]], tolerance);
      expect(countVertices(simple)).toBeLessThan(before);
      before = countVertices(simple);
      const iou = runsIoU(polygonsToRuns([[ring]], size), polygonsToRuns(simple, size));
      expect(iou).toBeGreaterThan(1 - tolerance * 0.02);
    }
  });

  test("only have vertices that were there", () => {
    const all = new Set(
      Array.from({ length: vertexCount(ring) }, (_, i) => `${vertexAt(ring, i)}`),
    );
    const [simple = []] = simplifyPolygons([[ring]], 1)[0] ?? [];
    for (let i = 0; i < vertexCount(simple); i++) expect(all).toContain(`${vertexAt(simple, i)}`);
  });

  test("keep the vertices that are fixed, so that a border with a neighbour stays shared", () => {
    const isFixed = ([x]: Point) => x < 60;
    const kept = (polygons: Polygons) =>
      (polygons[0]?.[0] ?? []).filter((x, i) => !(i % 2) && x < 60);
    const simple = simplifyPolygons([[ring]], 8, isFixed);
    expect(kept(simple).sort()).toEqual(kept([[ring]]).sort());
    expect(countVertices(simple)).toBeLessThan(vertexCount(ring) * 0.6);
  });

  test("lose holes that get too small, but no part", () => {
    const polygons: Polygons = [[ring, [100, 100, 103, 100, 103, 103]], [[0, 0, 2, 0, 2, 2]]];
    expect(simplifyPolygons(polygons, 5).map((part) => part.length)).toEqual([1, 1]);
  });
});
