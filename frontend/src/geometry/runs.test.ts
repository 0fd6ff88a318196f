// @vitest-environment node
import { describe, expect, test } from "vitest";
import { InvalidSegmentation } from "./errors";
import { type Mask, maskToRuns, runsToMask } from "./mask";
import { decodeRLE, encodeRLE } from "./rle";
import {
  runsArea,
  runsBbox,
  runsDifference,
  runsIntersection,
  runsIoU,
  runsToSpans,
  runsUnion,
  translateRuns,
} from "./runs";
import { spansBbox } from "./spans";
import { noise, seeded } from "./testing";

const count = ({ pixels }: Mask) => pixels.reduce((sum, pixel) => sum + pixel, 0);

describe.each(Array.from({ length: 100 }, (_, seed) => seed))("of random masks, %i", (seed) => {
  const random = seeded(seed);
  const size = { width: 1 + Math.floor(12 * random()), height: 1 + Math.floor(12 * random()) };
  const masks = Array.from({ length: 1 + (seed % 5) }, () => noise(size, random(), random));
  const runs = masks.map(maskToRuns);
  const pixelwise = (rule: (inside: number[]) => boolean): number[] =>
    Array.from({ length: size.width * size.height }, (_, i) =>
      Number(rule(masks.map(({ pixels }) => pixels[i] as number))),
    );

  test("union, intersection and difference are those of the pixels", () => {
    const [first, last] = [runs[0], runs.at(-1)] as const;
    if (!first || !last) throw new Error("There is at least one mask.");
    expect([...runsToMask(runsUnion(runs)).pixels]).toEqual(
      pixelwise((inside) => inside.includes(1)),
    );
    expect([...runsToMask(runsIntersection(runs)).pixels]).toEqual(
      pixelwise((inside) => !inside.includes(0)),
    );
    expect([...runsToMask(runsDifference(first, last)).pixels]).toEqual(
      pixelwise((inside) => inside[0] === 1 && inside.at(-1) === 0),
    );
  });

  test("area and box are those of the pixels, and the string says the same", () => {
    for (const [i, mask] of masks.entries()) {
      const own = runs[i] as (typeof runs)[number];
      expect(runsArea(own)).toBe(count(mask));
      expect(runsBbox(own)).toEqual(spansBbox(runsToSpans(own)));
      expect(decodeRLE(encodeRLE(own))).toEqual(own);
    }
  });
});

test("what is empty has the IoU 0 with itself, and what is not has 1", () => {
  const empty = decodeRLE({ size: [2, 3], counts: [6] });
  const full = decodeRLE({ size: [2, 3], counts: [0, 6] });
  expect([runsIoU(empty, empty), runsIoU(full, full), runsIoU(empty, full)]).toEqual([0, 1, 0]);
});

test("RLEs of different sizes, or none at all, make no set", () => {
  const flat = decodeRLE({ size: [2, 3], counts: [6] });
  const tall = decodeRLE({ size: [3, 2], counts: [6] });
  expect(() => runsUnion([flat, tall])).toThrow(InvalidSegmentation);
  expect(() => runsIntersection([])).toThrow(InvalidSegmentation);
  expect(() => runsDifference(flat, tall)).toThrow(InvalidSegmentation);
  expect(() => runsIoU(flat, tall)).toThrow(InvalidSegmentation);
});

describe("moved runs", () => {
  test("have the moved pixels, over the ends of columns too", () => {
    const random = seeded(21);
    for (let round = 0; round < 100; round++) {
      const [width, height] = [3 + Math.floor(random() * 6), 3 + Math.floor(random() * 6)];
      const inner = noise({ width: width - 2, height: height - 2 }, 0.7, random);
      const at = (dx: number, dy: number): Mask => {
        const pixels = new Uint8Array(width * height);
        inner.pixels.forEach((pixel, i) => {
          const [x, y] = [i % inner.width, Math.floor(i / inner.width)];
          pixels[(y + 1 + dy) * width + x + 1 + dx] = pixel;
        });
        return { width, height, pixels };
      };
      for (const [dx, dy] of [
        [1, 1],
        [-1, 0],
        [0, -1],
        [1, -1],
      ] as const) {
        expect(translateRuns(maskToRuns(at(0, 0)), dx, dy)).toEqual(maskToRuns(at(dx, dy)));
      }
    }
  });

  test("do not leave the image", () => {
    const runs = maskToRuns({ width: 2, height: 2, pixels: Uint8Array.of(1, 0, 0, 0) });
    for (const [dx, dy] of [
      [-1, 0],
      [0, -1],
      [2, 0],
      [0, 2],
    ] as const) {
      expect(() => translateRuns(runs, dx, dy)).toThrow(InvalidSegmentation);
    }
  });
});
