import { expect, test } from "vitest";
import type { Point } from "../geometry/points";
import { imageExtent, polygonsToMap, ringToMap, stepToMap, toImage, toMap } from "./coordinates";
import { square } from "./testing";

test.each<Point>([
  [0, 0],
  [100, 80],
  [3.25, 7 + 1 / 64],
])("a point (%d, %d) goes to the map and back", (...point) => {
  expect(toImage(toMap(point))).toEqual(point);
});

test("the image's corners are those of its extent on the map", () => {
  const size = { width: 100, height: 80 };
  expect(toMap([0, size.height])).toEqual(imageExtent(size).slice(0, 2));
  expect(toImage(imageExtent(size).slice(2))).toEqual([100, 0]);
});

test("no minus zero comes back: it would travel into the JSON", () => {
  expect(Object.is(toImage([0, 0])[1], 0)).toBe(true);
});

test("a step down the screen goes down the map", () => {
  expect(stepToMap([10, 20], 0.5)).toEqual([5, -10]);
});

test("a ring on the map ends where it begins", () => {
  expect(ringToMap([1, 2, 3, 4, 5, 6])).toEqual([
    [1, -2],
    [3, -4],
    [5, -6],
    [1, -2],
  ]);
});

test("every part is a polygon of one geometry, also where there is one only", () => {
  const part = square(0, 0, 4);
  expect(polygonsToMap(part).getPolygons().length).toBe(1);
  expect(polygonsToMap([...part, ...square(9, 9, 4)]).getPolygons().length).toBe(2);
});
