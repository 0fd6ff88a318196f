import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { parseProblem } from "./problems";
import { isPassing, retriedOnce } from "./retry";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const busy = (retry_after_s?: number) =>
  parseProblem(503, { type: "/docs/errors#engine-busy", title: "Busy", retry_after_s });

/** A call that fails with these errors, one after the other, and then succeeds. */
function failing(...errors: unknown[]) {
  return vi.fn(async () => {
    const error = errors.shift();
    if (error) throw error;
    return "answer";
  });
}

test("a busy server is asked once more after the time it names", async () => {
  const call = failing(busy(2));
  const result = retriedOnce(call, new AbortController().signal);
  await vi.advanceTimersByTimeAsync(1900);
  expect(call).toHaveBeenCalledTimes(1);
  await vi.advanceTimersByTimeAsync(200);
  expect(await result).toBe("answer");
});

test("a server that is still busy is not asked a third time", async () => {
  const call = failing(busy(1), busy(1));
  const result = expect(retriedOnce(call, new AbortController().signal)).rejects.toThrow("Busy");
  await vi.advanceTimersByTimeAsync(5000);
  await result;
  expect(call).toHaveBeenCalledTimes(2);
});

test("what is not wanted any more is not asked again", async () => {
  const call = failing(busy(2));
  const abort = new AbortController();
  const result = expect(retriedOnce(call, abort.signal)).rejects.toThrow();
  await vi.advanceTimersByTimeAsync(500);
  abort.abort();
  await result;
  await vi.advanceTimersByTimeAsync(5000);
  expect(call).toHaveBeenCalledTimes(1);
});

test.each([
  ["names no time", busy()],
  ["names a time too long", busy(300)],
  ["refuses the prompt", parseProblem(422, { title: "No", retry_after_s: 1 })],
])("a server that %s is not asked again", async (_, error) => {
  const call = failing(error);
  await expect(retriedOnce(call, new AbortController().signal)).rejects.toBe(error);
  expect(call).toHaveBeenCalledTimes(1);
});

test("only a busy engine passes", () => {
  expect(isPassing(busy(2))).toBe(true);
  expect(isPassing(parseProblem(503, { type: "x#engine-unavailable", title: "No" }))).toBe(false);
});
