import type { State } from "ol/render";
import { expect, test } from "vitest";
import { polygonsRenderer } from "./polygons-renderer";

/** Notes what is drawn. */
function fakeContext() {
  const calls: string[] = [];
  const note =
    (name: string) =>
    (...values: unknown[]) =>
      calls.push([name, ...values.map((value) => JSON.stringify(value))].join(" "));
  const names = ["beginPath", "moveTo", "lineTo", "closePath", "fill", "stroke", "setLineDash"];
  const context = Object.fromEntries([...names, "save", "restore"].map((n) => [n, note(n)]));
  return { context, calls };
}

const SQUARE = [
  [0, 0],
  [9, 0],
  [9, 9],
];
const HOLE = [
  [2, 2],
  [4, 2],
  [4, 4],
];

test("a part is filled even–odd over all its rings, each part on its own", () => {
  const { context, calls } = fakeContext();
  const state = { context, pixelRatio: 2 } as unknown as State;
  polygonsRenderer("#fff", [{ color: "#000", width: 1, dash: [3, 1] }])(
    [[SQUARE, HOLE], [SQUARE]] as never,
    state,
  );
  const drawn = calls.filter((call) => /beginPath|closePath|fill|stroke|setLineDash/.test(call));
  expect(drawn).toEqual([
    "beginPath",
    "closePath",
    "closePath",
    'fill "evenodd"',
    "setLineDash [6,2]",
    "stroke",
    "beginPath",
    "closePath",
    'fill "evenodd"',
    "setLineDash [6,2]",
    "stroke",
  ]);
});
