import { expect, test } from "vitest";
import { closesAt, reach } from "./reach";
import { hotVertexAt } from "./reshape";
import { square, step } from "./testing";
import { handleIn } from "./transform-box";

const finger = { isFinger: true };
const at = (x: number, y: number, part = {}) => step("pointerdown", [x, y], part);

test("a finger takes hold of a vertex, a handle and a first point 22 px away, as a mouse does not", () => {
  const big = square(100, 100, 200);
  const outside = [at(85, 85, finger), at(85, 85)] as const;
  expect(outside.map((one) => hotVertexAt(big, one)?.kind)).toEqual(["vertex", undefined]);
  const handles = outside.map((one) => handleIn([100, 100, 300, 300], one, 1000)?.kind);
  expect(handles).toEqual(["scale", undefined]);
  const drawn = [
    [100, 100],
    [300, 100],
    [300, 300],
  ] as const;
  expect(outside.map((one) => closesAt(drawn, one, reach(8)))).toEqual([true, false]);
  expect(hotVertexAt(big, at(84, 84, finger))).toBeNull();
  // On the screen, however far it is zoomed in.
  expect(hotVertexAt(big, at(98, 98, { ...finger, unitsPerPixel: 0.1 }))).toBeNull();
});

test("a finger leaves the middle of what is small to be moved", () => {
  const small = square(100, 100, 36);
  expect(hotVertexAt(small, at(118, 118, finger))).toBeNull();
  expect(hotVertexAt(small, at(106, 106, finger))?.kind).toBe("vertex");
  const tiny = [
    [100, 100],
    [110, 100],
    [110, 110],
  ] as const;
  expect(closesAt(tiny, at(112, 112, finger), reach(8))).toBe(false);
});

test("a finger between the knob and the box means the nearer one", () => {
  const box = [100, 100, 300, 300] as const;
  expect(handleIn(box, at(200, 90, finger), 1000)).toEqual({ kind: "scale", x: 0, y: -1 });
  expect(handleIn(box, at(200, 84, finger), 1000)).toEqual({ kind: "turn" });
});
