import { expect, test } from "vitest";
import { square } from "../editor/testing";
import { promptBody } from "./proposals";

test("a prompt travels with its box, marks and mask", () => {
  expect(
    promptBody({
      engine: "cut",
      options: {},
      box: [1, 2, 11, 22],
      marks: [
        { kind: "point", label: 1, point: [3, 4] },
        { kind: "stroke", label: 0, points: [[5, 6]], radius: 7 },
        { kind: "point", label: 0, point: [8, 9] },
      ],
      mask: square(0, 0, 2),
    }),
  ).toEqual({
    bbox_xywh: [1, 2, 10, 20],
    point_coords: [
      [3, 4],
      [8, 9],
    ],
    point_labels: [1, 0],
    strokes: [{ label: 0, points: [[5, 6]], radius_px: 7 }],
    mask: square(0, 0, 2),
  });
});

test("what is not given is left out", () => {
  const nothing = { engine: "cut", options: {}, box: null, marks: [], mask: null };
  expect(promptBody(nothing)).toEqual({});
});
