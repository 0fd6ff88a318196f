import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type Edit, memoryJournal } from "../../editor/journal";
import { type SendOutcome, Sync } from "../../editor/sync";
import { content, TestServer } from "../../editor/testing";
import { onHope } from "./hope";

const HOUR = 3_600_000;

beforeEach(() => void vi.useFakeTimers());
let stop = () => {};
afterEach(() => {
  stop();
  vi.useRealTimers();
});

/** The outbox of an image whose server does not answer until it is told to; it notes when it was asked. */
function offline() {
  const server = new TestServer();
  const network = { isBack: false };
  const times: number[] = [];
  const journal = memoryJournal();
  const sync = new Sync({
    imageId: 7,
    journal,
    send: async (image: number, edits: readonly Edit[]): Promise<SendOutcome> => {
      times.push(Date.now());
      return network.isBack ? server.send(image, edits) : { kind: "unreachable" };
    },
    events: {
      settled: () => {},
      conflict: () => {},
      refused: () => false,
      notJournaled: () => {},
    },
  });
  stop = onHope(sync.retryNow);
  let count = 0;
  const draw = () => {
    count += 1;
    sync.push([{ id: `annotation ${count}`, before: null, after: content() }]);
  };
  return { server, network, times, journal, sync, draw };
}

test("an hour offline: tried after ever longer waits, and all that was drawn goes in once, in its order", async () => {
  const { server, network, times, journal, sync, draw } = offline();
  for (let minute = 0; minute < 60; minute += 1) {
    draw();
    await vi.advanceTimersByTimeAsync(HOUR / 60);
  }
  const waits = times.slice(1).map((time, i) => time - (times[i] ?? 0));
  expect(waits.slice(0, 8)).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
  expect(Math.max(...waits)).toBe(30_000);
  expect(sync.status.get()).toEqual({ state: "offline", pending: 60 });
  expect(await journal.pending(7)).toHaveLength(60);

  network.isBack = true;
  await vi.advanceTimersByTimeAsync(30_000);
  const ids = Array.from({ length: 60 }, (_, index) => `annotation ${index + 1}`);
  expect(server.received.flat().map(({ annotation_id }) => annotation_id)).toEqual(ids);
  expect(server.annotations().map(({ revision }) => revision)).toEqual(Array(60).fill(1));
  expect(sync.status.get()).toEqual({ state: "saved", pending: 0 });
  expect(await journal.pending(7)).toEqual([]);
});

test.each([
  ["the network comes back", () => window.dispatchEvent(new Event("online"))],
  ["the page is seen again", () => document.dispatchEvent(new Event("visibilitychange"))],
])("a laptop that was closed sends at once when %s, whatever its timers say", async (_, wake) => {
  const { server, network, times, sync, draw } = offline();
  draw();
  await vi.advanceTimersByTimeAsync(60_000);
  const asked = times.length;
  // While it sleeps the clock goes on, and no timer does.
  vi.setSystemTime(Date.now() + 8 * HOUR);
  network.isBack = true;
  wake();
  await vi.advanceTimersByTimeAsync(0);
  expect(times).toHaveLength(asked + 1);
  expect(server.annotations()).toHaveLength(1);
  expect(sync.status.get().state).toBe("saved");
});

test("a page that goes out of sight, or was left, tries nothing", async () => {
  const { times, draw } = offline();
  draw();
  await vi.advanceTimersByTimeAsync(60_000);
  const asked = times.length;
  const sight = vi.spyOn(document, "visibilityState", "get").mockReturnValue("hidden");
  document.dispatchEvent(new Event("visibilitychange"));
  await vi.advanceTimersByTimeAsync(0);
  sight.mockRestore();
  stop();
  window.dispatchEvent(new Event("online"));
  document.dispatchEvent(new Event("visibilitychange"));
  await vi.advanceTimersByTimeAsync(0);
  expect(times).toHaveLength(asked);
});
