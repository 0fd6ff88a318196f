import { expect, test } from "vitest";
import type { BoxXYXY } from "../geometry/boxes";
import { AUTO, ask, bestEngine, type EngineTraits } from "./asking";
import type { Mark } from "./prompt";
import { square } from "./testing";

const BOX: BoxXYXY = [0, 0, 10, 10];
const POINT: Mark = { kind: "point", label: 0, point: [3, 4] };
const STROKE: Mark = {
  kind: "stroke",
  label: 1,
  points: Array.from({ length: 101 }, (_, x) => [x, 5] as const),
  radius: 2,
};
const MASK = square(0, 0, 4);

function engine(name: string, prompts: string[], part: Partial<EngineTraits> = {}): EngineTraits {
  return {
    name,
    title: name,
    prompts,
    starts_from: ["bbox", "points"],
    rank: 0,
    available: true,
    ...part,
  };
}

const BOXES = engine("boxes", ["bbox"], { rank: 30, starts_from: ["bbox"] });
const POINTS = engine("points", ["bbox", "points"], { rank: 20 });
const MASKS = engine("masks", ["bbox", "points", "mask"], { rank: 10 });
const STROKES = engine("strokes", ["bbox", "points", "strokes", "mask"], { rank: 5 });
const ALL = [BOXES, POINTS, MASKS, STROKES];

test("a box alone goes to the chosen engine, without the mask", () => {
  expect(ask("boxes", { box: BOX, marks: [] }, MASK, ALL)).toEqual({
    engine: "boxes",
    box: BOX,
    marks: [],
    mask: null,
  });
});

test.each([
  ["masks", "masks", MASK],
  ["points", "points", null],
  ["boxes", AUTO, MASK],
  [AUTO, AUTO, MASK],
])("a point for %s goes to %s", (choice, engine, mask) => {
  expect(ask(choice, { box: BOX, marks: [POINT] }, MASK, ALL)).toEqual({
    engine,
    box: BOX,
    marks: [POINT],
    mask,
  });
});

test("an engine that is asked anew starts from the box where it can", () => {
  const prompt = { box: BOX, marks: [POINT] };
  expect(ask("masks", prompt, MASK, ALL, true).mask).toBeNull();
  expect(ask("masks", { ...prompt, box: null }, MASK, ALL, true).mask).toBe(MASK);
  // One that takes no marks cannot: its mask goes on being corrected.
  expect(ask("boxes", prompt, MASK, ALL, true)).toMatchObject({ engine: AUTO, mask: MASK });
});

test("a point goes without the mask where none that runs takes both", () => {
  const gone = [MASKS, STROKES].map((one) => ({ ...one, available: false }));
  const asked = ask(AUTO, { box: BOX, marks: [POINT] }, MASK, [BOXES, POINTS, ...gone]);
  expect(asked).toMatchObject({ engine: AUTO, mask: null });
});

test("what auto never asks does not count for it", () => {
  const asked = ask(AUTO, { box: BOX, marks: [POINT] }, MASK, [POINTS, { ...MASKS, rank: -1 }]);
  expect(asked.mask).toBeNull();
});

test("a stroke stays one where it is taken", () => {
  expect(ask("strokes", { box: BOX, marks: [STROKE] }, MASK, ALL)).toMatchObject({
    engine: "strokes",
    marks: [STROKE],
    mask: MASK,
  });
});

test("a stroke becomes a few points from end to end where it is not taken", () => {
  const { engine, marks } = ask("masks", { box: BOX, marks: [POINT, STROKE] }, MASK, ALL);
  expect(engine).toBe("masks");
  expect(marks[0]).toEqual(POINT);
  const xs = marks.slice(1).map((mark) => (mark.kind === "point" ? mark.point[0] : -1));
  expect(marks.slice(1).every(({ kind, label }) => kind === "point" && label === 1)).toBe(true);
  expect(xs.length).toBeGreaterThan(4);
  expect(xs.length).toBeLessThanOrEqual(8);
  expect(xs[0]).toBe(0);
  expect(xs.at(-1)).toBeGreaterThan(85);
});

test("what no engine takes goes as it is, for the server to say so", () => {
  expect(ask("boxes", { box: BOX, marks: [POINT] }, MASK, [BOXES])).toEqual({
    engine: "boxes",
    box: BOX,
    marks: [POINT],
    mask: MASK,
  });
});

test("the best engine is the one of the highest rank that runs and can start", () => {
  expect(bestEngine(ALL, ["bbox"])?.name).toBe("boxes");
  expect(bestEngine(ALL, ["points"])?.name).toBe("points");
  expect(bestEngine([{ ...BOXES, available: false }, MASKS], ["bbox"])?.name).toBe("masks");
  expect(bestEngine([{ ...STROKES, rank: -1 }], ["points"])).toBeNull();
});
