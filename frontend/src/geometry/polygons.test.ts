import { expect, test } from "vitest";
import { boxFromCorners, boxHasBox, clampMove, toXYWH, toXYXY } from "./boxes";
import { clampPoint, nearestOnSegment, quantisePoint } from "./points";
import {
  nearestPlace,
  nearestVertex,
  polygonsBox,
  polygonsHavePoint,
  polygonsLength,
  replaceRing,
  translatePolygons,
} from "./polygons";

const OUTER = [0, 0, 10, 0, 10, 10, 0, 10];
const HOLE = [2, 2, 2, 8, 8, 8, 8, 2];
const OTHER = [20, 20, 24, 20, 24, 24];
const POLYGONS = [[OUTER, HOLE], [OTHER]];

test("a hole is taken from the inside", () => {
  expect(polygonsHavePoint(POLYGONS, [1, 1])).toBe(true);
  expect(polygonsHavePoint(POLYGONS, [5, 5])).toBe(false);
  expect(polygonsHavePoint(POLYGONS, [23, 21])).toBe(true);
});

test("the box goes round all parts", () => {
  expect(polygonsBox(POLYGONS)).toEqual([0, 0, 24, 24]);
});

test("the length counts the closing edges", () => {
  expect(polygonsLength([[OUTER]])).toBe(40);
});

test("the nearest vertex may be a hole's", () => {
  expect(nearestVertex(POLYGONS, [2.5, 7.5], 1)).toEqual({ part: 0, ring: 1, vertex: 1 });
  expect(nearestVertex(POLYGONS, [5, 5], 1)).toBeNull();
});

test("the nearest place says which edge it is on", () => {
  expect(nearestPlace(POLYGONS, [22, 19.5], 1)).toEqual({
    part: 1,
    ring: 0,
    vertex: 0,
    point: [22, 20],
  });
  expect(nearestPlace(POLYGONS, [15, 15], 1)).toBeNull();
});

test("replacing a ring leaves the others the same objects", () => {
  const replaced = replaceRing(POLYGONS, { part: 0, ring: 1, vertex: 0 }, [1, 1, 1, 2, 2, 2]);
  expect(replaced[0]?.[0]).toBe(OUTER);
  expect(replaced[1]).toBe(POLYGONS[1]);
  expect(replaced[0]?.[1]).toEqual([1, 1, 1, 2, 2, 2]);
});

test("moving is clamped as a whole, so nothing is deformed", () => {
  const size = { width: 30, height: 24 };
  const box = polygonsBox(POLYGONS);
  expect(clampMove(box, [100, 100], size)).toEqual([6, 0]);
  expect(translatePolygons([[OUTER]], 6, 0)).toEqual([[[6, 0, 16, 0, 16, 10, 6, 10]]]);
});

test("a vertex may lie on the image's last border, at W and H", () => {
  expect(clampPoint([99, -3], { width: 10, height: 8 })).toEqual([10, 0]);
});

test("points are kept on a grid of 1/64 px", () => {
  expect(quantisePoint([1 / 3, 2.5])).toEqual([21 / 64, 2.5]);
});

test("the nearest point of a segment is an end beyond its ends", () => {
  expect(nearestOnSegment([9, 9], [0, 0], [4, 0])).toEqual([4, 0]);
  expect(nearestOnSegment([9, 9], [2, 2], [2, 2])).toEqual([2, 2]);
});

test("a box is the same whichever corners it is drawn by", () => {
  expect(boxFromCorners([8, 1], [2, 5])).toEqual([2, 1, 8, 5]);
  expect(toXYWH([2, 1, 8, 5])).toEqual([2, 1, 6, 4]);
  expect(toXYXY([2, 1, 6, 4])).toEqual([2, 1, 8, 5]);
  expect(boxHasBox([0, 0, 9, 9], [2, 1, 8, 5])).toBe(true);
  expect(boxHasBox([3, 0, 9, 9], [2, 1, 8, 5])).toBe(false);
});
