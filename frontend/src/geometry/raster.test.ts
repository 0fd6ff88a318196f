// @vitest-environment node
import { describe, expect, test } from "vitest";
import type { Point } from "./points";
import { type Polygons, polygonsHavePoint } from "./polygons";
import { polygonsToMask, polygonsToRuns, polygonsToSpans } from "./raster";
import { runsArea } from "./runs";
import { spansArea, spansBbox } from "./spans";
import { rowsOfMask, seeded } from "./testing";

const SIZE = { width: 11, height: 9 };

function box(x0: number, y0: number, x1: number, y1: number): number[] {
  return [x0, y0, x1, y0, x1, y1, x0, y1];
}

function filled(polygons: Polygons): Uint8Array {
  return polygonsToMask(polygons, SIZE).pixels;
}

/** How many of the polygons have each pixel. */
function owners(all: readonly Polygons[]): Uint8Array {
  const counts = new Uint8Array(SIZE.width * SIZE.height);
  for (const polygons of all) {
    for (const [i, pixel] of filled(polygons).entries()) counts[i] = (counts[i] as number) + pixel;
  }
  return counts;
}

/** How many of the polygons have each pixel's centre inside, as a point. */
function ownersOfCentres(all: readonly Polygons[]): Uint8Array {
  const { width, height } = SIZE;
  return Uint8Array.from({ length: width * height }, (_, i) => {
    const centre: Point = [(i % width) + 0.5, Math.floor(i / width) + 0.5];
    return all.filter((polygons) => polygonsHavePoint(polygons, centre)).length;
  });
}

const EACH_ONCE = new Uint8Array(SIZE.width * SIZE.height).fill(1);

test("a centre exactly on an edge belongs to the polygon on its left, or below a level edge", () => {
  const size = { width: 5, height: 4 };
  expect(rowsOfMask(polygonsToMask([[box(1.5, 0.5, 3.5, 2.5)]], size))).toEqual([
    "..##.",
    "..##.",
    ".....",
    ".....",
  ]);
});

test("within a part what is wound twice is outside, and parts are united", () => {
  const [a, b] = [box(0, 0, 4, 2), box(2, 0, 6, 2)];
  const rows = (polygons: Polygons) =>
    rowsOfMask(polygonsToMask(polygons, { width: 7, height: 1 }));
  expect(rows([[a, b]])).toEqual(["##..##."]);
  expect(rows([[a], [b]])).toEqual(["######."]);
  expect(rows([[a, a]])).toEqual(["......."]);
});

test("spans of parts that overlap or touch are one", () => {
  const parts = [[box(0, 0, 3, 1)], [box(3, 0, 5, 1)], [box(1, 0, 2, 1)], [box(7, 0, 9, 1)]];
  const { lines, starts, ends } = polygonsToSpans(parts, SIZE);
  expect([[...lines], [...starts], [...ends]]).toEqual([
    [0, 0],
    [0, 7],
    [5, 9],
  ]);
});

test.each([
  ["none", []],
  ["one without a ring", [[]]],
  ["one with an empty ring", [[[]]]],
  ["two vertices", [[[1, 1, 8, 7]]]],
  ["off to the left", [[box(-9, 1, -2, 8)]]],
  ["off to the right", [[box(20, 1, 30, 8)]]],
  ["above", [[box(1, -9, 8, -1)]]],
  ["below", [[box(1, 20, 8, 30)]]],
])("polygons have no pixel: %s", (_, polygons) => {
  const spans = polygonsToSpans(polygons, SIZE);
  expect([spansArea(spans), spansBbox(spans)]).toEqual([0, [0, 0, 0, 0]]);
  expect([...polygonsToRuns(polygons, SIZE).changes]).toEqual([]);
});

test.each([1e4, 1e9, 1e15, 1e100, 1e300])("a polygon out to ±%s fills the image", (far) => {
  expect(filled([[box(-far, -far, far, far)]])).toEqual(EACH_ONCE);
});

test("an image of any size costs nothing beyond the outline", () => {
  const size = { width: 65_535, height: 65_535 };
  const runs = polygonsToRuns([[box(65_000, 65_525, 65_535, 65_535)]], size);
  expect(runsArea(runs)).toBe(5350);
  expect(runs.changes.at(-1)).toBe(65_535 ** 2);
});

describe.each(Array.from({ length: 300 }, (_, seed) => seed))("of random borders, %i", (seed) => {
  const random = seeded(seed);
  const between = (low: number, high: number) => low + (high - low) * random();
  // Of all bits, or on a grid on which pixel centres lie.
  const grain = [0, 2, 8][seed % 3] as number;
  const place = (value: number) => (grain ? Math.round(value * grain) / grain : value);
  const somewhere = (): number[] => [place(between(-3, 14)), place(between(-3, 12))];

  test("two polygons on either side of one share no pixel and leave none", () => {
    const middle = Array.from({ length: Math.floor(between(0, 8)) }, somewhere);
    const border = [[place(between(-3, 14)), -5], ...middle, [place(between(-3, 14)), 15]];
    const left = [[[-5, -5, ...border.flat(), -5, 15]]];
    const right = [[[20, 15, ...border.toReversed().flat(), 20, -5]]];
    expect(owners([left, right])).toEqual(EACH_ONCE);
    expect(ownersOfCentres([left, right])).toEqual(EACH_ONCE);
  });

  test("slices around a vertex share no pixel and leave none", () => {
    const middle = [place(between(0.5, 10)), place(between(0.5, 8))];
    const sides: [number, number[]][] = [];
    for (const [corner, x, y, dx, dy] of [
      [0, 0, 0, 11, 0],
      [1, 11, 0, 0, 9],
      [2, 11, 9, -11, 0],
      [3, 0, 9, 0, -9],
    ] as const) {
      sides.push([corner, [x, y]]);
      for (let i = 0; i < 2; i++) {
        const share = random();
        sides.push([corner + share, [x + share * dx, y + share * dy]]);
      }
    }
    const around = sides.sort(([a], [b]) => a - b).map(([, point]) => point);
    const slices = around.map((point, i) => [
      [[...middle, ...point, ...(around[(i + 1) % around.length] as number[])]],
    ]);
    expect(owners(slices)).toEqual(EACH_ONCE);
    expect(ownersOfCentres(slices)).toEqual(EACH_ONCE);
  });

  test("the direction of a ring and where it begins change nothing", () => {
    const points = Array.from({ length: Math.floor(between(3, 12)) }, somewhere);
    const expected = filled([[points.flat()]]);
    const turned = [...points.slice(2), ...points.slice(0, 2)];
    expect(filled([[turned.flat()]])).toEqual(expected);
    expect(filled([[turned.toReversed().flat()]])).toEqual(expected);
  });
});
