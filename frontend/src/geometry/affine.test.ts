import { describe, expect, test } from "vitest";
import { scaling, transformPoint, transformPolygons, transformRuns, turning } from "./affine";
import { maskToRuns, runsToMask } from "./mask";
import { polygonsToRuns } from "./raster";
import { runsArea } from "./runs";

function runs(rows: readonly string[]) {
  const [width, height] = [rows[0]?.length ?? 0, rows.length];
  const pixels = Uint8Array.from([...rows.join("")].map((sign) => Number(sign === "#")));
  return maskToRuns({ width, height, pixels });
}

function drawn(of: ReturnType<typeof runs>): string[] {
  const { width, height, pixels } = runsToMask(of);
  return Array.from({ length: height }, (_, i) =>
    [...pixels.subarray(i * width, (i + 1) * width)].map((pixel) => (pixel ? "#" : ".")).join(""),
  );
}

const LETTER = runs(["......", ".###..", ".#....", ".##...", ".#....", "......"]);

test("a point it turns about stays to the last bit, whatever the angle", () => {
  const about = [0.1, 1 / 3] as const;
  expect(transformPoint(turning(about, 37.3), about)).toEqual(about);
  expect(transformPoint(scaling(about, 0.37, 7), about)).toEqual(about);
});

test("four quarter turns bring every vertex back to the last bit", () => {
  const polygons = [[[1.25, 2.5, 9.75, 3.015625, 4, 8]]];
  let turned: typeof polygons = polygons;
  for (let i = 0; i < 4; i++) {
    turned = transformPolygons(turned, turning([5.5, 5.25], 90)) as typeof polygons;
  }
  expect(turned).toEqual(polygons);
});

test("a vertex that two polygons share is the same one afterwards", () => {
  const [left, right] = [[[[1, 1, 4.1, 1.7, 4.1, 8]]], [[[4.1, 1.7, 9, 2, 4.1, 8]]]];
  const affine = { ...turning([3, 3], 23), shift: [0.3, -0.7] as const };
  const [a, b] = [left, right].map((polygons) => transformPolygons(polygons, affine)[0]?.[0] ?? []);
  expect(a?.slice(2, 6)).toEqual([...(b?.slice(0, 2) ?? []), ...(b?.slice(4, 6) ?? [])]);
});

describe("a mask", () => {
  test("turned by a quarter keeps every pixel", () => {
    expect(drawn(transformRuns(LETTER, turning([3, 3], 90)))).toEqual([
      "......",
      ".####.",
      "..#.#.",
      "....#.",
      "......",
      "......",
    ]);
    let back = LETTER;
    for (let i = 0; i < 4; i++) back = transformRuns(back, turning([3, 3], 90));
    expect(drawn(back)).toEqual(drawn(LETTER));
  });

  test("twice as large has each pixel four times", () => {
    const twice = transformRuns(
      runs(["............", ".##.........", ".#..........", "............"]),
      scaling([1, 1], 2, 2),
    );
    expect(drawn(twice)).toEqual(["............", ".####.......", ".####.......", ".##........."]);
  });

  test("by any angle covers what the turned polygon covers, but for pixels at its edge", () => {
    const big = { width: 120, height: 100 };
    const square = [[[40, 30, 80, 30, 80, 70, 40, 70]]];
    const affine = turning([60, 50], 31);
    const turned = polygonsToRuns(transformPolygons(square, affine), big);
    const mask = transformRuns(polygonsToRuns(square, big), affine);
    // Its centres go back into the square exactly when they are in the turned one.
    expect(Math.abs(runsArea(mask) - runsArea(turned))).toBeLessThanOrEqual(2);
  });

  test("is cut where it leaves the image", () => {
    const out = transformRuns(runs(["##..", "##.."]), { ...scaling([0, 0], 1, 1), shift: [3, 1] });
    expect(drawn(out)).toEqual(["....", "...#"]);
  });
});
