import { describe, expect, test } from "vitest";
import type { ServerAnnotation } from "./annotation";
import { CoverageCount } from "./coverage";
import { AnnotationStore } from "./store";
import { serverAnnotation, square } from "./testing";

const SIZE = { width: 100, height: 80 };

function coverage(...annotations: ServerAnnotation[]) {
  return new CoverageCount(new AnnotationStore(annotations), SIZE).now();
}

const at = (id: string, x: number, y: number, side: number, part = {}) =>
  serverAnnotation(id, { segmentation: square(x, y, side), ...part });

describe("the coverage of an image", () => {
  test("lists what overlaps by pixels, the largest first, with where it is", () => {
    const found = coverage(
      at("a", 10, 10, 20),
      at("b", 25, 25, 20, { z_order: 2 }),
      at("c", 0, 0, 12),
    );
    expect(found.overlaps).toEqual([
      { lower: "a", upper: "b", area: 25, box: [25, 25, 30, 30] },
      { lower: "a", upper: "c", area: 4, box: [10, 10, 12, 12] },
    ]);
  });

  test("has no overlap of neighbours that share a border, nor with a crowd", () => {
    expect(coverage(at("a", 10, 10, 20), at("b", 30, 10, 20)).overlaps).toEqual([]);
    expect(coverage(at("a", 10, 10, 20), at("b", 15, 15, 20, { iscrowd: true })).overlaps).toEqual(
      [],
    );
  });

  test("lists gaps, the smallest first, and counts what nobody has", () => {
    const wall = serverAnnotation("w", {
      segmentation: [
        [
          [0, 0, 100, 0, 100, 80, 0, 80],
          [10, 10, 13, 10, 13, 12, 10, 12],
          [50, 50, 60, 50, 60, 60, 50, 60],
        ],
      ],
    });
    const found = coverage(wall);
    expect(found.gaps).toEqual([
      { area: 6, box: [10, 10, 13, 12] },
      { area: 100, box: [50, 50, 60, 60] },
    ]);
    expect(found.unowned).toBe(106);
  });

  test("of an empty image is one gap", () => {
    expect(coverage()).toEqual({
      overlaps: [],
      gaps: [{ area: 8000, box: [0, 0, 100, 80] }],
      unowned: 8000,
    });
  });
});
