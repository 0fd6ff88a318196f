import { describe, expect, test } from "vitest";
import { InvalidSegmentation } from "./errors";
import { runsToPolygons } from "./outline";
import type { Point } from "./points";
import { polygonsHavePoint } from "./polygons";
import {
  decodeCounts,
  decodeRLE,
  encodeCounts,
  encodeRLE,
  type RLE,
  runsHavePoint,
  runsToCounts,
  sampleRuns,
} from "./rle";

const rows = (...lines: string[]) => lines;

/** What pycocotools 2.0 encodes. */
const GOLDENS = [
  {
    name: "a rectangle",
    mask: rows("......", "..###.", "..###.", "......"),
    counts: "9220003",
    runs: [9, 2, 2, 2, 2, 2, 5],
  },
  {
    name: "a full mask",
    mask: rows("#####", "#####", "#####", "#####", "#####"),
    counts: "0i0",
    runs: [0, 25],
  },
  { name: "an empty mask", mask: rows(".......", ".......", "......."), counts: "e0", runs: [21] },
  {
    name: "a ring",
    mask: rows("......", ".####.", ".#..#.", ".#..#.", ".####.", "......"),
    counts: "742M000000035",
    runs: [7, 4, 2, 1, 2, 1, 2, 1, 2, 1, 2, 4, 7],
  },
  {
    name: "two squares that touch at a corner",
    mask: rows("##..", "##..", "..##", "..##"),
    counts: "022020N0",
    runs: [0, 2, 2, 2, 4, 2, 2, 2],
  },
  {
    name: "noise",
    mask: rows(
      "##..####.",
      "##.#...#.",
      ".##.##..#",
      ".#.##..#.",
      "#..#....#",
      "..#.###.#",
      ".#.#.##..",
    ),
    counts: "022O030M000000O100000O00001221MM40L10",
    runs: [
      0, 2, 2, 1, 2, 4, 2, 1, 2, 1, 2, 1, 2, 1, 1, 2, 1, 2, 1, 2, 1, 1, 1, 1, 1, 1, 2, 3, 4, 4, 1,
      1, 5, 1, 1, 2, 1,
    ],
  },
] as const;

function rleOf(mask: readonly string[], counts: RLE["counts"]): RLE {
  return { size: [mask.length, mask[0]?.length ?? 0], counts };
}

/** The mask painted from whether a pixel's centre is inside. */
function painted({ size: [height, width] }: RLE, isInside: (centre: Point) => boolean): string[] {
  return Array.from({ length: height }, (_, y) =>
    Array.from({ length: width }, (_, x) => (isInside([x + 0.5, y + 0.5]) ? "#" : ".")).join(""),
  );
}

describe.each(GOLDENS)("$name", ({ mask, counts, runs }) => {
  test("is decoded as pycocotools encoded it", () => {
    expect(decodeCounts(counts)).toEqual(runs);
  });

  test("is encoded as pycocotools does it, and plain", () => {
    const decoded = decodeRLE(rleOf(mask, counts));
    expect(encodeRLE(decoded)).toEqual(rleOf(mask, counts));
    expect(runsToCounts(decoded)).toEqual(runs);
  });

  test.each([
    ["compressed", counts],
    ["plain", runs],
  ])("has the pixels of its mask, %s", (_, given) => {
    const rle = rleOf(mask, given);
    const decoded = decodeRLE(rle);
    expect(painted(rle, (centre) => runsHavePoint(decoded, centre, 0))).toEqual(mask);
  });

  test("is what its outline encloses", () => {
    const rle = rleOf(mask, counts);
    const polygons = runsToPolygons(decodeRLE(rle));
    expect(painted(rle, (centre) => polygonsHavePoint(polygons, centre))).toEqual(mask);
  });
});

test("long runs are written as large differences", () => {
  // pycocotools, of a mask of 1000 × 1200 with its first column, a bar and its last pixel.
  const runs = [0, 1000, 699010, 890, 110, 890, 110, 890, 497099, 1];
  expect(decodeCounts("0Xo0RdZe0bL\\_eZO000mZU?WTO")).toEqual(runs);
  expect(encodeCounts(runs)).toBe("0Xo0RdZe0bL\\_eZO000mZU?WTO");
});

test.each([1, 15, 16, 31, 32, 1023, 1024, 2 ** 20, 2 ** 31, 2 ** 32, 2 ** 36])(
  "a run of %i pixels survives its string, up and down",
  (run) => {
    const counts = [run, 1, run, 2, 0, run, run, 3];
    expect(decodeCounts(encodeCounts(counts))).toEqual(counts);
  },
);

test.each([
  ["do not add up", [2, 3], [5]],
  ["are too many", [2, 3], [7]],
  ["are none", [2, 3], []],
  ["are negative", [2, 3], [8, -2]],
  ["are not whole", [2, 3], [2.5, 3.5]],
  ["are no numbers", [2, 3], [Number.NaN, 6]],
  ["are of no size", [0, 3], []],
  ["are of no image's size", [2 ** 20, 2 ** 20], [2 ** 40]],
  ["have a character below the alphabet", [2, 3], "!"],
  ["have a character above it", [2, 3], "p"],
  ["end in the middle of a run", [2, 3], "1P"],
  ["go on without end", [2, 3], `${"P".repeat(47)}0`],
] as const)("counts that %s are refused", (_, size, counts) => {
  expect(() => decodeRLE({ size, counts })).toThrow(InvalidSegmentation);
});

test("a run of no length joins the runs beside it", () => {
  const changes = (counts: number[]) => [...decodeRLE({ size: [10, 1], counts }).changes];
  expect(changes([2, 3, 0, 2, 3])).toEqual([2, 7]);
  expect(changes([0, 0, 4, 6])).toEqual([4, 10]);
  expect(changes([4, 6, 0])).toEqual([4, 10]);
  expect(changes([10, 0, 0])).toEqual([]);
});

test("what lies as near as the reach is hit, by the distance", () => {
  const decoded = decodeRLE({ size: [20, 20], counts: [10 * 20 + 10, 1, 9 * 20 + 9] });
  expect(runsHavePoint(decoded, [10.5, 10.5], 0)).toBe(true);
  expect(runsHavePoint(decoded, [11, 10.5], 0)).toBe(false);
  expect(runsHavePoint(decoded, [13, 10.5], 2.1)).toBe(true);
  expect(runsHavePoint(decoded, [13, 10.5], 1.9)).toBe(false);
  // Off the corner, two across and two down.
  expect(runsHavePoint(decoded, [13, 13], 2.7)).toBe(false);
  expect(runsHavePoint(decoded, [13, 13], 2.9)).toBe(true);
  expect(runsHavePoint(decoded, [-5, 30], 4)).toBe(false);
});

test("a box of pixels is sampled, each one or every second", () => {
  const decoded = decodeRLE(rleOf(GOLDENS[5].mask, GOLDENS[5].counts));
  const shown = ({ width, alpha }: ReturnType<typeof sampleRuns>) =>
    [...alpha].map((value, i) => (value ? "#" : ".") + ((i + 1) % width ? "" : "|")).join("");
  expect(shown(sampleRuns(decoded, [1, 2, 6, 5], 1))).toBe("##.##|#.##.|..#..|");
  expect(shown(sampleRuns(decoded, [1, 2, 6, 5], 2))).toBe("#.#|.#.|");
  const whole = sampleRuns(decoded, [0, 0, 9, 7], 1);
  expect(shown(whole)).toBe(`${GOLDENS[5].mask.join("|")}|`);
});
