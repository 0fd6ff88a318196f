import { beforeEach, describe, expect, test } from "vitest";
import type { Point } from "../geometry/points";
import type { Polygons } from "../geometry/polygons";
import { gesture } from "./gesture";
import { hotVertexAt, type Reshapable, reshape, withoutVertex } from "./reshape";
import { drag, square, step } from "./testing";

const SQUARE = square(10, 10, 20);
const TRIANGLE = [[[0, 0, 8, 0, 8, 8]]];

let commits: [name: string, ring: readonly number[] | undefined][];
let shown: Polygons;
beforeEach(() => {
  commits = [];
  shown = SQUARE;
});

function target(polygons: Polygons): Reshapable {
  return {
    polygons,
    neighbours: () => [],
    preview: (preview) => {
      shown = preview;
    },
    restore: () => {
      shown = polygons;
    },
    commit: (name, after) => commits.push([name, after[0]?.[0]]),
  };
}

/** The gesture begun on what lies under the press. */
function runnerOn(polygons: Polygons) {
  return gesture(function* (down) {
    const hot = hotVertexAt(polygons, down);
    if (hot) yield* reshape(target(polygons), hot, down);
  });
}

describe("what is hot", () => {
  test.each([
    ["a vertex", [11, 9], { kind: "vertex", address: { part: 0, ring: 0, vertex: 0 } }],
    ["a vertex before the edge it ends", [17, 10], { kind: "vertex" }],
    ["a place on an edge", [20, 13], { kind: "place", point: [20, 10] }],
  ] as const)("is %s", (_, point, hot) => {
    expect(hotVertexAt(SQUARE, step("pointermove", point))).toMatchObject(hot);
  });

  test("is nothing in the middle", () => {
    expect(hotVertexAt(SQUARE, step("pointermove", [20, 20]))).toBeNull();
  });

  test("is counted in screen pixels: zoomed in, less of the image", () => {
    const near: Point = [11, 11];
    expect(hotVertexAt(SQUARE, step("pointermove", near, { unitsPerPixel: 0.1 }))).toBeNull();
  });
});

describe("the gesture", () => {
  test("moves a vertex in one commit", () => {
    drag(runnerOn(SQUARE), [
      [10, 10],
      [6, 7],
      [4, 5],
    ]);
    expect(commits).toEqual([["Move vertex", [4, 5, 30, 10, 30, 30, 10, 30]]]);
    expect(shown).toBe(SQUARE);
  });

  test("does nothing for a click on a vertex", () => {
    drag(runnerOn(SQUARE), [
      [10, 10],
      [11, 11],
    ]);
    expect(commits).toEqual([]);
  });

  test("puts a vertex in where an edge is clicked", () => {
    drag(runnerOn(SQUARE), [[20, 11]]);
    expect(commits).toEqual([["Insert vertex", [10, 10, 20, 10, 30, 10, 30, 30, 10, 30]]]);
  });

  test("puts a vertex in and moves it when an edge is dragged, in one commit", () => {
    drag(runnerOn(SQUARE), [
      [10, 20],
      [5, 22],
    ]);
    expect(commits).toEqual([["Insert vertex", [10, 10, 30, 10, 30, 30, 10, 30, 5, 22]]]);
  });

  test("takes a vertex out with Alt", () => {
    drag(runnerOn(SQUARE), [[10, 10]], { alt: true });
    expect(commits).toEqual([["Remove vertex", [30, 10, 30, 30, 10, 30]]]);
  });

  test("never leaves fewer than three vertices", () => {
    drag(runnerOn(TRIANGLE), [[0, 0]], { alt: true });
    expect(commits).toEqual([]);
    expect(withoutVertex(TRIANGLE, { part: 0, ring: 0, vertex: 1 })).toBe(TRIANGLE);
  });

  test("shows everything as it was when it is cancelled", () => {
    const runner = runnerOn(SQUARE);
    runner.feed(step("pointerdown", [10, 10]));
    runner.feed(step("pointermove", [2, 2]));
    expect(shown).not.toBe(SQUARE);
    runner.cancel();
    expect(shown).toBe(SQUARE);
    expect(commits).toEqual([]);
  });
});
