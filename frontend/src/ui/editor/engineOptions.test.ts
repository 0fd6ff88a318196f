import { beforeEach, expect, test, vi } from "vitest";
import type { Engine, EngineOption } from "./engineOptions";

const ITERATIONS: EngineOption = {
  name: "iterations",
  title: "Iterations",
  type: "integer",
  default: 3,
  minimum: 1,
  maximum: 12,
};
const MARGIN: EngineOption = { ...ITERATIONS, name: "margin", type: "number", default: 0.25 };
const SMOOTH: EngineOption = { name: "smooth", title: "", type: "boolean", default: true };
const SIZE: EngineOption = {
  name: "size",
  title: "",
  type: "choice",
  default: "s",
  choices: ["s", "m"],
};
const CUT: Engine = {
  name: "cut",
  title: "Cut",
  description: "",
  prompts: ["bbox"],
  starts_from: ["bbox"],
  rank: 1,
  is_slow: false,
  options: [ITERATIONS, MARGIN, SMOOTH, SIZE],
  available: true,
  reason: null,
};

/** The module as a fresh page has it. */
async function openPage() {
  vi.resetModules();
  return import("./engineOptions");
}
beforeEach(() => localStorage.clear());

test("only what differs from the default is sent", async () => {
  const { currentOptions, setOption } = await openPage();
  expect(currentOptions("cut")).toEqual({});
  setOption("cut", ITERATIONS, 5);
  setOption("cut", SMOOTH, false);
  expect(currentOptions("cut")).toEqual({ iterations: 5, smooth: false });
  setOption("cut", ITERATIONS, 3);
  expect(currentOptions("cut")).toEqual({ smooth: false });
  expect(currentOptions("other")).toEqual({});
});

test("options are remembered, each engine's for itself, until they are reset", async () => {
  const before = await openPage();
  before.setOption("cut", ITERATIONS, 5);
  before.setOption("other", ITERATIONS, 6);
  const { currentOptions, resetOptions } = await openPage();
  expect(currentOptions("cut")).toEqual({ iterations: 5 });
  resetOptions("cut");
  const { currentOptions: later } = await openPage();
  expect([later("cut"), later("other")]).toEqual([{}, { iterations: 6 }]);
});

test.each(["nonsense", "[1]", '{"cut": 3}', "null"])(
  "what is stored as %s is no option",
  async (text) => {
    localStorage.setItem("segmentarium.engine-options", text);
    const { currentOptions } = await openPage();
    expect(currentOptions("cut")).toEqual({});
  },
);

test("what the engine takes no more is forgotten", async () => {
  localStorage.setItem(
    "segmentarium.engine-options",
    JSON.stringify({ cut: { iterations: 40, gone: 1, margin: 1.5, smooth: "yes", size: "m" } }),
  );
  const { currentOptions, forgetUnfitting } = await openPage();
  forgetUnfitting(CUT);
  expect(currentOptions("cut")).toEqual({ margin: 1.5, size: "m" });
});

test.each([
  [ITERATIONS, 2.5, false],
  [ITERATIONS, 12, true],
  [ITERATIONS, Number.NaN, false],
  [MARGIN, 2.5, true],
  [MARGIN, 0.5, false],
  [SMOOTH, 1, false],
  [SIZE, "l", false],
])("%o fits %s: %s", async (option, value, fits) => {
  const { isFitting } = await openPage();
  expect(isFitting(option, value)).toBe(fits);
});

test("a slider steps by whole numbers or by a power of ten", async () => {
  const { stepOf } = await openPage();
  expect(stepOf(ITERATIONS)).toBe(1);
  expect(stepOf({ ...MARGIN, minimum: 0.05, maximum: 1 })).toBe(0.01);
  expect(stepOf({ ...MARGIN, minimum: 0, maximum: 100 })).toBe(1);
});
