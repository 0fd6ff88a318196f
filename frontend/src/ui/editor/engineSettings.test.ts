import { beforeEach, expect, test, vi } from "vitest";
import type { Engine } from "./engineOptions";

function engine(name: string, part: Partial<Engine> = {}): Engine {
  return {
    name,
    title: name.toUpperCase(),
    description: "",
    prompts: ["bbox", "points"],
    starts_from: ["bbox"],
    rank: 1,
    is_slow: false,
    options: [],
    available: true,
    reason: null,
    ...part,
  };
}

/** The module as a fresh page has it. */
async function openPage() {
  vi.resetModules();
  return import("./engineSettings");
}
beforeEach(() => localStorage.clear());

test("choices, detail and brush are remembered", async () => {
  const before = await openPage();
  before.chooseEngine({ bbox: "cut", compareWith: "wand" });
  before.settings.detail.set(4);
  before.settings.brush.set(20);
  const { settings } = await openPage();
  expect(settings.choice.get()).toEqual({ bbox: "cut", points: "auto", compareWith: "wand" });
  expect([settings.detail.get(), settings.brush.get()]).toEqual([4, 20]);
});

test.each([
  ["segmentarium.engines", '{"bbox": 3}'],
  ["segmentarium.detail", "0.123"],
  ["segmentarium.brush", '"wide"'],
  ["segmentarium.brush", "-4"],
  ["segmentarium.engines", "no JSON"],
])("%s stored as %s is not used", async (key, text) => {
  localStorage.setItem(key, text);
  const { settings } = await openPage();
  expect(settings.choice.get()).toEqual({ bbox: "auto", points: "auto", compareWith: "auto" });
  expect([settings.detail.get(), settings.brush.get()]).toEqual([1, 8]);
});

test("an engine that is gone, or starts from something else now, gives way to auto", async () => {
  const { chooseEngine, learnEngines, settings } = await openPage();
  chooseEngine({ bbox: "gone", points: "cut", compareWith: "cut" });
  learnEngines([engine("cut")]);
  expect(settings.choice.get()).toEqual({ bbox: "auto", points: "auto", compareWith: "cut" });
});

test("an engine that cannot run today stays chosen", async () => {
  const { chooseEngine, learnEngines, settings } = await openPage();
  chooseEngine({ bbox: "net" });
  learnEngines([engine("net", { available: false, reason: "No weights." })]);
  expect(settings.choice.get().bbox).toBe("net");
});

test("auto says which engine it is now", async () => {
  const { autoEngine, titleOf } = await openPage();
  const engines = [
    engine("cut", { rank: 10 }),
    engine("net", { rank: 50, available: false }),
    engine("wand", { starts_from: ["points"] }),
  ];
  expect(autoEngine(engines, "bbox")?.name).toBe("cut");
  expect(autoEngine(engines, "points")?.name).toBe("wand");
  expect(["auto", "cut", "else"].map((name) => titleOf(engines, name))).toEqual([
    "Auto",
    "CUT",
    "else",
  ]);
});
