import { describe, expect, test } from "vitest";
import type { Annotation } from "./annotation";
import { annotationAt } from "./hit";
import { serverAnnotation, square } from "./testing";

function at(id: string, x: number, y: number, side: number, z_order: number): Annotation {
  return serverAnnotation(id, { segmentation: square(x, y, side), area: side * side, z_order });
}

test("nothing is hit beside all annotations", () => {
  expect(annotationAt([at("a", 0, 0, 10, 1)], [20, 20], 2)).toBeNull();
});

test("the topmost of two that overlap is hit", () => {
  const low = at("low", 0, 0, 10, 1);
  const high = at("high", 5, 5, 12, 2);
  expect(annotationAt([low, high], [7, 7], 0)?.id).toBe("high");
});

test("a smaller one within the topmost goes before it", () => {
  const small = at("small", 4, 4, 2, 1);
  const big = at("big", 0, 0, 10, 2);
  expect(annotationAt([small, big], [5, 5], 0)?.id).toBe("small");
  expect(annotationAt([small, big], [1, 1], 0)?.id).toBe("big");
});

test("of one z-order the smallest is hit", () => {
  const wide = at("wide", 0, 0, 10, 1);
  const narrow = at("narrow", 5, 5, 8, 1);
  expect(annotationAt([narrow, wide], [7, 7], 0)?.id).toBe("narrow");
});

test("an edge is hit from outside, as near as the tolerance says", () => {
  const only = [at("a", 10, 10, 10, 1)];
  expect(annotationAt(only, [8, 15], 3)?.id).toBe("a");
  expect(annotationAt(only, [8, 15], 1)).toBeNull();
});

test("a hole lets the click through", () => {
  const hole = [3, 3, 3, 7, 7, 7, 7, 3];
  const ring = [[...(square(0, 0, 10)[0] ?? []), hole]];
  const holed = serverAnnotation("holed", { segmentation: ring, area: 84, z_order: 2 });
  const below = at("below", 0, 0, 30, 1);
  expect(annotationAt([below, holed], [5, 5], 0)?.id).toBe("below");
  expect(annotationAt([below, holed], [1, 1], 0)?.id).toBe("holed");
});

describe("an RLE", () => {
  // Rows 20 to 29 of columns 20 to 29, but for the middle two, in an image of 100 × 80.
  const bar = [10, 70, 10, 70, 10, 70, 10];
  const counts = [20 * 80 + 20, ...bar, 70 + 2 * 80, ...bar, 50 + 70 * 80];
  const rle = serverAnnotation("rle", {
    segmentation: { size: [80, 100], counts },
    bbox_xywh: [20, 20, 10, 10],
    area: 80,
    z_order: 2,
  });

  test("is hit where its pixels are", () => {
    expect(annotationAt([rle], [22, 25], 0)?.id).toBe("rle");
    expect(annotationAt([rle], [5, 5], 3)).toBeNull();
  });

  test("lets the click through elsewhere in its box", () => {
    const below = at("below", 0, 0, 50, 1);
    expect(annotationAt([below, rle], [25, 25], 0)?.id).toBe("below");
  });

  test("is hit from outside, as near as the tolerance says", () => {
    expect(annotationAt([rle], [18, 25], 3)?.id).toBe("rle");
    expect(annotationAt([rle], [18, 25], 1)).toBeNull();
  });
});
