// @vitest-environment node
import { describe, expect, test } from "vitest";
import text from "../../../tests/geometry_cases.json?raw";
import { InvalidSegmentation } from "./errors";
import { type Mask, maskToRuns, runsToMask } from "./mask";
import { maskToPolygons, runsToPolygons } from "./outline";
import { type Polygons, polygonsHavePoint } from "./polygons";
import { polygonsToMask, polygonsToRuns, polygonsToSpans } from "./raster";
import { decodeRLE, encodeRLE, type RLE, type Runs, runsToCounts } from "./rle";
import {
  runsArea,
  runsBbox,
  runsDifference,
  runsIntersection,
  runsIoU,
  runsToSpans,
  runsUnion,
} from "./runs";
import { spansArea, spansBbox } from "./spans";

// Written by the server's tests (tests/core/make_geometry_cases.py), which read it too: what it says, both must do.

type HeightWidth = readonly [height: number, width: number];

interface Measures {
  readonly kind: string;
  readonly size: HeightWidth;
  readonly polygons: Polygons;
  readonly counts: string;
  readonly area: number;
  readonly bbox: readonly [number, number, number, number];
}

interface MaskCase extends Measures {
  /** The pixels row by row, eight to a byte, in hexadecimal. */
  readonly bits: string;
  readonly runs: readonly number[];
}

interface SetCase {
  readonly size: HeightWidth;
  readonly given: readonly string[];
  readonly union: string;
  readonly intersection: string;
  readonly difference: string;
  readonly iou: number;
}

interface CountsCase extends RLE {
  /** What they mean in the fewest runs; null: they are refused. */
  readonly runs: readonly number[] | null;
}

const cases = JSON.parse(text) as {
  readonly polygons: readonly Measures[];
  readonly masks: readonly MaskCase[];
  readonly sets: readonly SetCase[];
  readonly counts: readonly CountsCase[];
  readonly outlines: string;
};

const sizeOf = ([height, width]: HeightWidth) => ({ height, width });
const isSmall = ({ size: [height, width] }: Measures) => height * width < 10_000;

function countsOf(runs: Runs) {
  const { counts, size } = encodeRLE(runs);
  expect(size).toEqual([runs.height, runs.width]);
  return counts;
}

function maskOf({ size: [height, width], bits }: MaskCase): Mask {
  const pixels = Uint8Array.from(
    { length: height * width },
    (_, i) => (Number.parseInt(bits.charAt(i >> 2), 16) >> (3 - (i & 3))) & 1,
  );
  return { height, width, pixels };
}

/** Pixels whose centre is in the polygons as a point is. */
function centresInside(polygons: Polygons, { height, width }: Mask): Uint8Array {
  return Uint8Array.from({ length: height * width }, (_, i) =>
    polygonsHavePoint(polygons, [(i % width) + 0.5, Math.floor(i / width) + 0.5]) ? 1 : 0,
  );
}

/** The first place at which they differ, or -1: a matcher would take seconds on a million numbers. */
function firstDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Math.min(a.length, b.length);
  return Array.prototype.findIndex.call(a, (value: number, i: number) => value !== b[i]);
}

function byKind<T extends { readonly kind: string }>(all: readonly T[]): [string, T[]][] {
  const kinds = new Set(all.map(({ kind }) => kind));
  return Array.from(kinds, (name) => [name, all.filter(({ kind }) => kind === name)]);
}

test("there are thousands of cases", () => {
  const { polygons, masks, sets, counts } = cases;
  expect(polygons.length + masks.length + sets.length + counts.length).toBeGreaterThan(4000);
});

describe.each(byKind(cases.polygons))("polygons of kind %s", (_, given) => {
  test("have the server's runs, area and box", () => {
    for (const { size, polygons, counts, area, bbox } of given) {
      const spans = polygonsToSpans(polygons, sizeOf(size));
      expect({
        polygons,
        counts: countsOf(polygonsToRuns(polygons, sizeOf(size))),
        area: spansArea(spans),
        bbox: spansBbox(spans),
      }).toEqual({ polygons, counts, area, bbox });
    }
  });

  test("have the mask of these runs, and every pixel's centre in them is inside as a point", () => {
    for (const { size, polygons, counts } of given.filter(isSmall)) {
      const mask = polygonsToMask(polygons, sizeOf(size));
      const ofRuns = runsToMask(decodeRLE({ size, counts }));
      expect(firstDifference(mask.pixels, ofRuns.pixels), JSON.stringify(polygons)).toBe(-1);
      const ofPoints = centresInside(polygons, mask);
      expect(firstDifference(mask.pixels, ofPoints), JSON.stringify(polygons)).toBe(-1);
    }
  });
});

describe.each(byKind(cases.masks))("masks of kind %s", (_, given) => {
  test("have the server's runs, area and box, from pixels and from either kind of counts", () => {
    for (const expected of given) {
      const { size, runs, counts, area, bbox } = expected;
      const mask = maskOf(expected);
      for (const found of [
        maskToRuns(mask),
        decodeRLE({ size, counts }),
        decodeRLE({ size, counts: runs }),
      ]) {
        expect(runsToMask(found)).toEqual(mask);
        expect(spansArea(runsToSpans(found))).toBe(area);
        expect({
          runs: runsToCounts(found),
          counts: countsOf(found),
          area: runsArea(found),
          bbox: runsBbox(found),
        }).toEqual({ runs, counts, area, bbox });
      }
    }
  });

  test("have the server's outlines, which give the mask again", () => {
    for (const expected of given) {
      const mask = maskOf(expected);
      const polygons = maskToPolygons(mask);
      expect(polygons).toEqual(expected.polygons);
      expect(polygonsToMask(polygons, mask)).toEqual(mask);
    }
  });
});

test("unions, intersections, differences and IoUs are the server's", () => {
  for (const { size, given, union, intersection, difference, iou } of cases.sets) {
    const all = given.map((counts) => decodeRLE({ size, counts }));
    const [first, last] = [all[0], all.at(-1)] as [Runs, Runs];
    expect({
      given,
      union: countsOf(runsUnion(all)),
      intersection: countsOf(runsIntersection(all)),
      difference: countsOf(runsDifference(first, last)),
      iou: runsIoU(first, last),
    }).toEqual({ given, union, intersection, difference, iou });
  }
});

test("counts are refused when the server refuses them, and mean the same when it does not", () => {
  for (const { runs, ...rle } of cases.counts) {
    const read = () => runsToCounts(decodeRLE(rle));
    if (runs) expect(read(), JSON.stringify(rle)).toEqual(runs);
    else expect(read, JSON.stringify(rle)).toThrow(InvalidSegmentation);
  }
});

describe("all 65,536 masks of 4 × 4 pixels, a free row above and a free column before each", () => {
  const side = 256 * 5;
  const pixels = new Uint8Array(side * side);
  for (let number = 0; number < 2 ** 16; number++) {
    const corner = Math.floor(number / 256) * 5 * side + (number % 256) * 5;
    for (let bit = 0; bit < 16; bit++) {
      pixels[corner + ((bit >> 2) + 1) * side + (bit & 3) + 1] = (number >> bit) & 1;
    }
  }
  const mask = { width: side, height: side, pixels };

  test("have the server's outlines", async () => {
    const written = new TextEncoder().encode(JSON.stringify(maskToPolygons(mask)));
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", written));
    const hex = Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
    expect(hex).toBe(cases.outlines);
  });

  test("come back from their outlines and from their runs", () => {
    const runs = maskToRuns(mask);
    expect(firstDifference(runsToMask(runs).pixels, pixels)).toBe(-1);
    const refilled = polygonsToMask(runsToPolygons(runs), mask);
    expect(firstDifference(refilled.pixels, pixels)).toBe(-1);
  });
});
