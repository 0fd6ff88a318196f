import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type Asked, AUTO } from "./asking";
import { askAgainWhenSet, REST_MS } from "./asking-again";
import { Proposals } from "./proposals";
import { proposalSettings } from "./settings";
import { PROPOSAL } from "./testing";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function made() {
  const settings = proposalSettings();
  settings.choice.set({ bbox: "cut", points: AUTO, compareWith: AUTO });
  const asked: Asked[] = [];
  const proposals = new Proposals({
    propose: async (prompt) => {
      asked.push(prompt);
      return PROPOSAL;
    },
    simplify: async () => [],
    failed: () => {},
    settings,
  });
  const stop = askAgainWhenSet(proposals, settings);
  const setOption = (engine: string, iterations: number) =>
    settings.options.set({ ...settings.options.get(), [engine]: { iterations } });
  return { settings, asked, proposals, stop, setOption };
}

test("an option asks again, once the user rests on it", async () => {
  const { proposals, asked, setOption } = made();
  await proposals.request([0, 0, 5, 5]);
  for (const iterations of [4, 5, 6]) {
    setOption("cut", iterations);
    await vi.advanceTimersByTimeAsync(REST_MS / 2);
  }
  expect(asked).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(REST_MS);
  expect(asked.map(({ options }) => options)).toEqual([{}, { iterations: 6 }]);
});

test("another engine asks again", async () => {
  const { settings, proposals, asked } = made();
  await proposals.request([0, 0, 5, 5]);
  settings.choice.set({ ...settings.choice.get(), bbox: "other" });
  await vi.advanceTimersByTimeAsync(REST_MS);
  expect(asked.map(({ engine }) => engine)).toEqual(["cut", "other"]);
});

test("what does not matter for the proposal asks nothing", async () => {
  const { settings, proposals, asked, setOption } = made();
  setOption("cut", 3);
  await vi.advanceTimersByTimeAsync(REST_MS);
  await proposals.request([0, 0, 5, 5]);
  setOption("other", 4);
  settings.choice.set({ ...settings.choice.get(), points: "other", compareWith: "other" });
  await vi.advanceTimersByTimeAsync(REST_MS);
  expect(asked).toHaveLength(1);
});

test("what was dropped meanwhile is not asked again", async () => {
  const { proposals, asked, setOption, stop } = made();
  await proposals.request([0, 0, 5, 5]);
  setOption("cut", 4);
  proposals.drop();
  await vi.advanceTimersByTimeAsync(REST_MS);
  await proposals.request([0, 0, 5, 5]);
  setOption("cut", 5);
  stop();
  await vi.advanceTimersByTimeAsync(REST_MS);
  expect(asked).toHaveLength(2);
});
