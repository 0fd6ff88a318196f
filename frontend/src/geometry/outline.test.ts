// @vitest-environment node
import { describe, expect, test } from "vitest";
import { maskToRuns, runsToMask } from "./mask";
import { maskToPolygons, runsToPolygons } from "./outline";
import { polygonsToMask } from "./raster";
import { signedArea } from "./rings";
import { decodeRLE } from "./rle";
import { maskOfRows, noise, rowsOfMask, seeded } from "./testing";

const RING = ["......", ".####.", ".#..#.", ".#..#.", ".####.", "......"];

test("rings have the corners only, begin at the first one by row, and go right from there", () => {
  expect(maskToPolygons(maskOfRows(RING))).toEqual([
    [
      [1, 1, 5, 1, 5, 5, 1, 5],
      [2, 2, 4, 2, 4, 4, 2, 4],
    ],
  ]);
});

test("pixels that touch at a corner only are two parts, the upper one first", () => {
  expect(maskToPolygons(maskOfRows(["#.", ".#"]))).toEqual([
    [[0, 0, 1, 0, 1, 1, 0, 1]],
    [[1, 1, 2, 1, 2, 2, 1, 2]],
  ]);
  expect(maskToPolygons(maskOfRows([".#", "#."]))).toEqual([
    [[1, 0, 2, 0, 2, 1, 1, 1]],
    [[0, 1, 1, 1, 1, 2, 0, 2]],
  ]);
});

test("holes that touch at a corner are one hole", () => {
  const [part] = maskToPolygons(maskOfRows(["####", "#.##", "##.#", "####"]));
  expect(part?.length).toBe(2);
});

test("an island in a hole is a part of its own, and a hole is of the part around it", () => {
  const polygons = maskToPolygons(
    maskOfRows([
      "#######.###",
      "#.....#.#.#",
      "#.###.#.###",
      "#.#.#.#....",
      "#.###.#....",
      "#.....#....",
      "#######....",
    ]),
  );
  const corners = polygons.map((part) => part.map(([x, y]) => [x, y]));
  expect(corners).toEqual([
    [
      [0, 0],
      [1, 1],
    ],
    [
      [8, 0],
      [9, 1],
    ],
    [
      [2, 2],
      [3, 3],
    ],
  ]);
});

test("a run is followed from the foot of a column to the head of the next", () => {
  const outline = (counts: number[]) => runsToPolygons(decodeRLE({ size: [4, 3], counts }));
  expect(outline([3, 2, 7])).toEqual([[[1, 0, 2, 0, 2, 1, 1, 1]], [[0, 3, 1, 3, 1, 4, 0, 4]]]);
  expect(outline([4, 4, 4])).toEqual([[[1, 0, 2, 0, 2, 4, 1, 4]]]);
  expect(outline([0, 12])).toEqual([[[0, 0, 3, 0, 3, 4, 0, 4]]]);
  expect(outline([12])).toEqual([]);
});

describe.each(Array.from({ length: 200 }, (_, seed) => seed))("a random mask, %i", (seed) => {
  const random = seeded(seed);
  const size = { width: 1 + Math.floor(40 * random()), height: 1 + Math.floor(40 * random()) };
  const mask = noise(size, random(), random);

  test("comes back from its runs and from its outline", () => {
    expect(rowsOfMask(runsToMask(maskToRuns(mask)))).toEqual(rowsOfMask(mask));
    expect(rowsOfMask(polygonsToMask(maskToPolygons(mask), mask))).toEqual(rowsOfMask(mask));
  });

  test("has as many pixels as its outline encloses", () => {
    let area = 0;
    for (const part of maskToPolygons(mask)) {
      for (const [i, ring] of part.entries()) area += signedArea(ring) * (i === 0 ? 1 : -1);
    }
    expect(area).toBe(mask.pixels.reduce((sum, pixel) => sum + pixel, 0));
  });
});
