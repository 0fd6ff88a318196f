import { describe, expect, test } from "vitest";
import type { BoxXYXY } from "../geometry/boxes";
import { type Proposal, Proposals } from "./proposals";
import { square } from "./testing";

const BOX: BoxXYXY = [1, 2, 30, 40];
const PROPOSAL: Proposal = {
  polygons: square(0, 0, 10),
  engine: "grabcut",
  score: 0.9,
  elapsed_ms: 40,
  fallback: null,
};

interface Asked {
  readonly box: BoxXYXY;
  readonly signal: AbortSignal;
  readonly answer: (proposal: Proposal) => void;
  readonly fail: (error: unknown) => void;
}

/** Proposals whose engine answers when the test says so. */
function proposals() {
  const asked: Asked[] = [];
  const failures: unknown[] = [];
  const under = new Proposals(
    (box, signal) =>
      new Promise((answer, fail) => {
        asked.push({ box, signal, answer, fail });
      }),
    (error) => failures.push(error),
    () => 5,
  );
  return { under, asked, failures };
}

async function ready() {
  const { under, asked } = proposals();
  const done = under.request(BOX);
  asked[0]?.answer(PROPOSAL);
  await done;
  return under;
}

describe("a request", () => {
  test("runs, then is ready", async () => {
    const { under, asked } = proposals();
    const done = under.request(BOX);
    expect(under.state.get()).toEqual({ kind: "running", box: BOX, startedAt: 5 });
    asked[0]?.answer(PROPOSAL);
    await done;
    expect(under.state.get()).toEqual({ kind: "ready", ...PROPOSAL, earlier: [] });
  });

  test("aborts the one in flight, whose late answer changes nothing", async () => {
    const { under, asked } = proposals();
    const first = under.request(BOX);
    const second = under.request([0, 0, 5, 5]);
    expect(asked.map(({ signal }) => signal.aborted)).toEqual([true, false]);
    asked[0]?.answer(PROPOSAL);
    await first;
    expect(under.state.get()?.kind).toBe("running");
    asked[1]?.answer({ ...PROPOSAL, engine: "second" });
    await second;
    expect(under.state.get()).toMatchObject({ kind: "ready", engine: "second" });
  });

  test("that fails is told, and leaves no draft", async () => {
    const { under, asked, failures } = proposals();
    const done = under.request(BOX);
    asked[0]?.fail("no engine");
    await done;
    expect(under.state.get()).toBeNull();
    expect(failures).toEqual(["no engine"]);
  });

  test("that was dropped fails silently", async () => {
    const { under, asked, failures } = proposals();
    const done = under.request(BOX);
    under.drop();
    asked[0]?.fail(new DOMException("aborted", "AbortError"));
    await done;
    expect(failures).toEqual([]);
  });
});

describe("a proposal", () => {
  test("is handed out once", async () => {
    const under = await ready();
    expect(under.take()).toMatchObject(PROPOSAL);
    expect(under.take()).toBeNull();
  });

  test("has its changes taken back one by one, and then itself", async () => {
    const under = await ready();
    const [once, twice] = [square(0, 0, 11), square(0, 0, 12)];
    under.change(once);
    under.change(twice);
    under.undo();
    expect(under.state.get()).toMatchObject({ polygons: once });
    under.undo();
    expect(under.state.get()).toMatchObject({ polygons: PROPOSAL.polygons, earlier: [] });
    under.undo();
    expect(under.state.get()).toBeNull();
  });

  test("shows a drag without making it a step of its own", async () => {
    const under = await ready();
    under.show(square(0, 0, 11));
    expect(under.state.get()).toMatchObject({ polygons: square(0, 0, 11), earlier: [] });
  });
});
