import { expect, test } from "vitest";
import { halves } from "./halves";

test.each([
  ["cat.png", "cat.png", ""],
  ["coco-train2017_000000000443.jpg", "coco-train2017_00000000", "0443.jpg"],
  ["Photograph 2024 🐈🐈🐈🐈🐈🐈🐈🐈", "Photograph 2024 ", "🐈🐈🐈🐈🐈🐈🐈🐈"],
])("%s may be cut before its end", (name, head, tail) => {
  expect(halves(name)).toEqual([head, tail]);
});
