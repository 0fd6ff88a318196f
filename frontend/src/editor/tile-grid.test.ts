import { describe, expect, test } from "vitest";
import { type Section, sectionBox, TileGrid } from "./tile-grid";

const section = (part: Partial<Section> = {}): Section => ({
  scale: 0.5,
  x: 10.25,
  y: -3.5,
  width: 40,
  height: 30,
  ...part,
});

test("tiles fall on the pixels of the section they were made for, and of those whole pixels away", () => {
  const grid = new TileGrid(section(), 16);
  expect(grid.isExactFor(section())).toBe(true);
  expect(grid.isExactFor(section({ x: 10.25 - 7, y: -3.5 + 100 }))).toBe(true);
  expect(grid.isExactFor(section({ x: 10.75 }))).toBe(false);
  expect(grid.isExactFor(section({ y: -3.25 }))).toBe(false);
  expect(grid.isExactFor(section({ scale: 0.51 }))).toBe(false);
});

test("a step that rounding spoilt a little is still one of whole pixels", () => {
  const grid = new TileGrid(section({ x: 5 - 1e-9 }), 16);
  expect(grid.isExactFor(section({ x: 5 + 1e-9 }))).toBe(true);
});

test("the cells of a box cover it, and none of them is needless", () => {
  const grid = new TileGrid(section(), 16);
  const box = [30, 10, 100, 90] as const;
  const boxes = grid.cellsOf(box).map((cell) => grid.boxOf(cell));
  expect(Math.min(...boxes.map(([x0]) => x0))).toBeLessThanOrEqual(30);
  expect(Math.min(...boxes.map(([, y0]) => y0))).toBeLessThanOrEqual(10);
  expect(Math.max(...boxes.map(([, , x1]) => x1))).toBeGreaterThanOrEqual(100);
  expect(Math.max(...boxes.map(([, , , y1]) => y1))).toBeGreaterThanOrEqual(90);
  for (const [x0, y0, x1, y1] of boxes) {
    expect(x0 <= 100 && x1 >= 30 && y0 <= 90 && y1 >= 10).toBe(true);
  }
});

test("the pixels of a box are whole, within the tile, and none where it does not reach", () => {
  const grid = new TileGrid(section({ x: 0, y: 0, scale: 1 }), 16);
  expect(grid.pixelsOf({ column: 0, row: 0 }, [3.5, 4, 5.5, 6], 1)).toEqual([2, 3, 7, 7]);
  expect(grid.pixelsOf({ column: 0, row: 0 }, [-9, -9, 99, 99], 1)).toEqual([0, 0, 16, 16]);
  expect(grid.pixelsOf({ column: 1, row: 0 }, [3, 4, 5, 6], 1)).toBeNull();
});

describe.each([0.31, 0.5, 0.77, 1.4])("seen at the scale %d", (scale) => {
  test("neighbours share their edges, so that no gap shows", () => {
    const grid = new TileGrid(section(), 16);
    const seen = section({ scale, x: 1.3, y: 2.7 });
    const [, , right, bottom] = grid.placeIn(seen, { column: 2, row: 3 });
    const [left] = grid.placeIn(seen, { column: 3, row: 3 });
    const [, top] = grid.placeIn(seen, { column: 2, row: 4 });
    expect([left, top]).toEqual([right, bottom]);
  });
});

test("a tile is copied to where its pixels are", () => {
  const grid = new TileGrid(section(), 16);
  const [x0, y0, x1, y1] = grid.placeIn(section(), { column: 1, row: 0 });
  expect([x0, y0, x1 - x0, y1 - y0]).toEqual([16 + 0.25 - 10.25, 0.5 + 3.5, 16, 16]);
});

test("a section shows no more than there is of the image", () => {
  const image = { width: 60, height: 500 };
  expect(sectionBox(section(), image)).toEqual([20.5, 0, 60, 53]);
  expect(sectionBox(section({ x: -400 }), image)[2]).toBeLessThan(0);
});
