import { describe, expect, test } from "vitest";
import { verticesBetween } from "./follow";

/** 10 wide, 4 high, with a vertex in the middle of its upper side. */
const RING = [0, 0, 5, 0, 10, 0, 10, 4, 0, 4];

describe("the vertices between two places of a ring", () => {
  test("are those on the shorter way, in its order", () => {
    const left = { vertex: 4, point: [0, 2] } as const;
    const right = { vertex: 2, point: [10, 1] } as const;
    expect(verticesBetween(RING, left, right)).toEqual([
      [0, 0],
      [5, 0],
      [10, 0],
    ]);
    expect(verticesBetween(RING, right, left)).toEqual([
      [10, 0],
      [5, 0],
      [0, 0],
    ]);
  });

  test("go over the ring's beginning", () => {
    const before = { vertex: 4, point: [0, 1] } as const;
    const after = { vertex: 0, point: [1, 0] } as const;
    expect(verticesBetween(RING, before, after)).toEqual([[0, 0]]);
    expect(verticesBetween(RING, after, before)).toEqual([[0, 0]]);
  });

  test("do not repeat the places, where these are vertices themselves", () => {
    const first = { vertex: 0, point: [0, 0] } as const;
    const last = { vertex: 2, point: [10, 0] } as const;
    expect(verticesBetween(RING, first, last)).toEqual([[5, 0]]);
  });

  test("are none on one edge, or at one place", () => {
    const a = { vertex: 3, point: [8, 4] } as const;
    const b = { vertex: 3, point: [2, 4] } as const;
    expect(verticesBetween(RING, a, b)).toEqual([]);
    expect(verticesBetween(RING, b, a)).toEqual([]);
    expect(verticesBetween(RING, a, a)).toEqual([]);
  });
});
