import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Signal } from "./signal";
import { openStateJournal, StateJournal } from "./state-journal";
import {
  type ShownImage,
  StateOutbox,
  type StateOutboxOptions,
  type StateOutcome,
} from "./state-outbox";

const IMAGE: ShownImage = { id: 7, project_id: 1, name: "street.png", state: "in_progress" };
const OTHER: ShownImage = { ...IMAGE, id: 8, name: "sky.png" };
const STORED: StateOutcome = { kind: "stored" };
const UNREACHABLE: StateOutcome = { kind: "unreachable" };

/** An outbox and what its server was sent; it answers as told, one outcome a request, and then takes all. */
function outboxOn(
  journal: StateJournal,
  script: readonly StateOutcome[] = [],
  part: Partial<StateOutboxOptions> = {},
) {
  const left = [...script];
  const sent: string[] = [];
  const refusals: string[] = [];
  const outbox = new StateOutbox({
    journal,
    send: async ({ image_id, state }) => {
      sent.push(`${image_id} ${state}`);
      return left.shift() ?? STORED;
    },
    refused: ({ image_name }, detail) => refusals.push(`${image_name}: ${detail}`),
    conflict: ({ image_name, state }, theirs) =>
      refusals.push(`${image_name} is ${theirs}, not ${state}`),
    notJournaled: (error) => {
      throw error;
    },
    wait: async () => {},
    ...part,
  });
  return { outbox, sent, refusals };
}

let count = 0;
const newJournal = () => openStateJournal(`state outbox ${count++}`);

describe("the state of an image", () => {
  test("waits until its edits are sent, and holds back no other", async () => {
    const { outbox, sent } = outboxOn(await newJournal());
    const counts = new Signal<ReadonlyMap<number, number>>(new Map([[7, 2]]));
    const stop = outbox.followEdits(counts);
    outbox.set(IMAGE, "done");
    outbox.set(OTHER, "done");
    await vi.waitFor(() => expect(sent).toEqual(["8 done"]));
    counts.set(new Map());
    await outbox.idle();
    expect(sent).toEqual(["8 done", "7 done"]);
    stop();
  });

  test("is sent once, and waits no more when it is stored", async () => {
    const journal = await newJournal();
    const { outbox, sent } = outboxOn(journal);
    const waitingWhenStored: number[] = [];
    outbox.stored.subscribe(() => waitingWhenStored.push(journal.waiting.get().size));
    outbox.set(IMAGE, "done");
    expect(journal.waiting.get().get(7)?.state).toBe("done");
    await outbox.idle();
    outbox.flush();
    await outbox.idle();
    expect(sent).toEqual(["7 done"]);
    expect(outbox.stored.get()).toMatchObject({ image_id: 7, project_id: 1, state: "done" });
    // So that a page can show it as stored before it no longer shows it as waiting.
    expect(waitingWhenStored).toEqual([1]);
    expect(journal.waiting.get().size).toBe(0);
  });

  test("set again while it is on its way ends as the last one", async () => {
    const journal = await newJournal();
    const sent: string[] = [];
    let arrive = () => {};
    const { outbox } = outboxOn(journal, [], {
      send: ({ state }) => {
        sent.push(state);
        return new Promise((resolve) => {
          arrive = () => resolve(STORED);
          if (sent.length > 1) arrive();
        });
      },
    });
    outbox.set(IMAGE, "done");
    await expect.poll(() => sent).toEqual(["done"]);
    outbox.set(IMAGE, "skipped");
    outbox.set(IMAGE, "in_progress");
    arrive();
    await outbox.idle();
    expect(sent).toEqual(["done", "in_progress"]);
    expect(journal.waiting.get().size).toBe(0);
  });

  test("that the server will never take is told once and given up", async () => {
    const journal = await newJournal();
    const { outbox, sent, refusals } = outboxOn(journal, [{ kind: "refused", detail: "Gone." }]);
    outbox.set(IMAGE, "done");
    outbox.set(OTHER, "done");
    await outbox.idle();
    expect([sent, refusals]).toEqual([["7 done", "8 done"], ["street.png: Gone."]]);
    expect(journal.waiting.get().size).toBe(0);
  });

  test("that is not taken now does not keep the others waiting", async () => {
    const { outbox, sent } = outboxOn(await newJournal(), [{ kind: "not-now" }]);
    outbox.set(IMAGE, "done");
    outbox.set(OTHER, "skipped");
    await outbox.idle();
    expect(sent).toEqual(["7 done", "8 skipped", "7 done"]);
  });

  test("that somebody else set meanwhile stands, and the user is told", async () => {
    const journal = await newJournal();
    const theirs: StateOutcome = { kind: "conflict", state: "skipped" };
    const { outbox, sent, refusals } = outboxOn(journal, [theirs]);
    outbox.set(IMAGE, "done");
    await outbox.idle();
    expect([sent, refusals]).toEqual([["7 done"], ["street.png is skipped, not done"]]);
    // What a page shows from now on.
    expect(outbox.stored.get()).toEqual({ image_id: 7, project_id: 1, state: "skipped" });
    expect(journal.waiting.get().size).toBe(0);
    expect(outbox.stuck.get()).toEqual(new Set());
  });

  test("is set over what the server has by what the page knows, and over one's own that may have arrived", async () => {
    const journal = await newJournal();
    const { outbox } = outboxOn(journal, [], { send: () => new Promise(() => {}) });
    const was = (id: number) => journal.waiting.get().get(id)?.was;
    outbox.set(IMAGE, "done");
    expect(was(7)).toEqual(["in_progress"]);
    outbox.set({ ...IMAGE, state: "skipped" }, "new");
    expect(was(7)).toEqual(["in_progress", "done"]);
    // The user's own edits make it one in progress.
    outbox.set({ ...OTHER, state: "new" }, "done");
    expect(was(8)).toEqual(["new", "in_progress"]);
  });

  test("that another tab sent or set anew meanwhile is not sent as it was", async () => {
    const name = `state outbox ${count++}`;
    let arrive = () => {};
    const late: string[] = [];
    const slow = outboxOn(await openStateJournal(name), [], {
      send: ({ image_id, state }) => {
        late.push(`${image_id} ${state}`);
        return new Promise((resolve) => {
          arrive = () => resolve(STORED);
        });
      },
    });
    for (const id of [6, 7, 8]) slow.outbox.set({ ...IMAGE, id }, "done");
    await expect.poll(() => [late, slow.outbox.journal.unkept.get()]).toEqual([["6 done"], 0]);
    const fast = outboxOn(await openStateJournal(name));
    fast.outbox.flush();
    await fast.outbox.idle();
    fast.outbox.set({ ...IMAGE, state: "done" }, "in_progress");
    await fast.outbox.idle();
    expect(fast.sent).toEqual(["6 done", "7 done", "8 done", "7 in_progress"]);
    arrive();
    await slow.outbox.idle();
    expect(late).toEqual(["6 done"]);
  });

  test("waits for who signs in again", async () => {
    const journal = await newJournal();
    const { outbox, sent } = outboxOn(journal, [{ kind: "signed-out" }]);
    outbox.set(IMAGE, "done");
    await outbox.idle();
    expect(sent).toHaveLength(1);
    expect(journal.waiting.get().size).toBe(1);
    outbox.flush();
    await outbox.idle();
    expect(journal.waiting.get().size).toBe(0);
  });

  test("set in a tab that was killed is sent by the next visit", async () => {
    const journal = await newJournal();
    outboxOn(journal, [], { send: () => new Promise(() => {}) }).outbox.set(IMAGE, "done");
    await expect.poll(() => journal.unkept.get()).toBe(0);
    const { outbox, sent } = outboxOn(await openStateJournal(`state outbox ${count - 1}`));
    outbox.flush();
    await outbox.idle();
    expect(sent).toEqual(["7 done"]);
  });

  test("that the disk does not forget is sent no second time", async () => {
    const journal = await newJournal();
    const { outbox, sent } = outboxOn(journal);
    const spy = vi.spyOn(IDBObjectStore.prototype, "delete").mockImplementation(() => {
      throw new DOMException("It failed.", "UnknownError");
    });
    outbox.set(IMAGE, "done");
    await outbox.idle();
    outbox.flush();
    await outbox.idle();
    spy.mockRestore();
    expect(sent).toEqual(["7 done"]);
  });
});

describe("without a network", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test("an hour long it is tried again after ever longer waits, and all goes in once when it is back", async () => {
    let isBack = false;
    const times: number[] = [];
    const { outbox, sent } = outboxOn(new StateJournal(null), [], {
      wait: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
      send: async ({ image_id, state }) => {
        times.push(Date.now());
        if (!isBack) return UNREACHABLE;
        sent.push(`${image_id} ${state}`);
        return STORED;
      },
    });
    outbox.set(IMAGE, "done");
    outbox.set(OTHER, "done");
    await vi.advanceTimersByTimeAsync(1000);
    outbox.set(OTHER, "skipped");
    await vi.advanceTimersByTimeAsync(3_600_000);
    const waits = times.slice(1).map((time, i) => time - (times[i] ?? 0));
    // The third try is that of what was set meanwhile.
    expect(waits.slice(0, 8)).toEqual([500, 500, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
    expect(Math.max(...waits)).toBe(30_000);
    expect(outbox.stuck.get()).toEqual(new Set([7, 8]));
    isBack = true;
    outbox.retryNow();
    await vi.advanceTimersByTimeAsync(0);
    expect(sent).toEqual(["7 done", "8 skipped"]);
    expect(outbox.stuck.get()).toEqual(new Set());
    expect(outbox.journal.waiting.get().size).toBe(0);
  });
});

describe("one that is not taken now, for long", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test("holds back no other, each of which has waits of its own", async () => {
    const start = Date.now();
    const sent: string[] = [];
    const answers: StateOutcome["kind"][] = [];
    const { outbox } = outboxOn(new StateJournal(null), [], {
      wait: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
      send: async ({ image_id }) => {
        sent.push(`${image_id} at ${Date.now() - start}`);
        const kind = image_id === 7 ? "not-now" : (answers.shift() ?? "stored");
        return { kind } as StateOutcome;
      },
    });
    outbox.set(IMAGE, "done");
    await vi.advanceTimersByTimeAsync(10_000);
    expect(sent.splice(0)).toEqual([0, 500, 1500, 3500, 7500].map((time) => `7 at ${time}`));
    answers.push("not-now");
    outbox.set(OTHER, "done");
    await vi.advanceTimersByTimeAsync(0);
    expect(sent.splice(0)).toEqual(["8 at 10000"]);
    expect(outbox.stuck.get()).toEqual(new Set([7, 8]));
    await vi.advanceTimersByTimeAsync(1000);
    expect(sent.splice(0)).toEqual(["8 at 10500"]);
    // Only the image that it is true of is shown as not sent.
    expect(outbox.stuck.get()).toEqual(new Set([7]));
    await vi.advanceTimersByTimeAsync(10_000);
    expect(sent).toEqual(["7 at 15500"]);
  });
});
