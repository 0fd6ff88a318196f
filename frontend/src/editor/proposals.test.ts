import { describe, expect, test } from "vitest";
import { AUTO } from "./asking";
import { EXACT, OWN } from "./detail";
import { PROPOSAL, square } from "./testing";
import { BOX, CUT, INSIDE, made, OUTSIDE } from "./testing-proposals";

describe("a request", () => {
  test("runs, then is ready", async () => {
    const { under, calls, shown } = made();
    void under.request(BOX);
    expect(under.state.get()).toMatchObject({
      kind: "running",
      prompt: { box: BOX },
      before: null,
    });
    expect(calls[0]?.asked).toEqual({ engine: AUTO, box: BOX, marks: [], mask: null, options: {} });
    await calls[0]?.answer();
    expect(under.state.get()?.kind).toBe("ready");
    expect(shown()).toMatchObject({ answer: PROPOSAL, segmentation: PROPOSAL.polygons });
  });

  test("aborts the one in flight, whose late answer changes nothing", async () => {
    const { under, calls, shown } = made();
    void under.request(BOX);
    void under.request([0, 0, 5, 5]);
    expect(calls.map(({ signal }) => signal.aborted)).toEqual([true, false]);
    await calls[0]?.answer();
    expect(under.state.get()).toMatchObject({ kind: "running", prompt: { box: [0, 0, 5, 5] } });
    await calls[1]?.answer({ engine: "second" });
    expect(shown()?.answer.engine).toBe("second");
  });

  test("that fails is told, and leaves no draft", async () => {
    const { under, calls, failures } = made();
    void under.request(BOX);
    await calls[0]?.fail("no engine");
    expect(under.state.get()).toBeNull();
    expect(failures).toEqual([["No proposal", "no engine"]]);
  });

  test("that was dropped fails silently", async () => {
    const { under, calls, failures } = made();
    void under.request(BOX);
    under.drop();
    expect(calls[0]?.signal.aborted).toBe(true);
    await calls[0]?.fail(new DOMException("aborted", "AbortError"));
    expect(failures).toEqual([]);
  });

  test("goes to the chosen engine with its options", async () => {
    const { under, calls, settings } = made();
    settings.choice.set({ bbox: "clusters", points: AUTO, compareWith: AUTO });
    settings.options.set({ clusters: { clusters: 4 }, cut: { margin: 1 } });
    void under.request(BOX);
    expect(calls[0]?.asked).toMatchObject({ engine: "clusters", options: { clusters: 4 } });
  });
});

describe("a mark", () => {
  test("asks again with the box, all marks and the mask, while the proposal stays shown", async () => {
    const { under, calls, ready, shown } = made();
    await ready();
    void under.mark(INSIDE);
    expect(under.state.get()).toMatchObject({ kind: "running", prompt: { marks: [INSIDE] } });
    expect(shown()?.answer).toEqual(PROPOSAL);
    await calls[1]?.answer({ score: 0.95 });
    void under.mark(OUTSIDE);
    expect(calls.slice(1).map(({ asked }) => asked)).toMatchObject([
      { box: BOX, marks: [INSIDE], mask: PROPOSAL.rle },
      { box: BOX, marks: [INSIDE, OUTSIDE], mask: PROPOSAL.rle },
    ]);
  });

  test("corrects what was made of the mask by hand", async () => {
    const { under, calls, ready } = made();
    await ready();
    under.change(square(0, 0, 11));
    void under.mark(OUTSIDE);
    expect(calls[1]?.asked.mask).toEqual(square(0, 0, 11));
  });

  test("made while another runs joins it", async () => {
    const { under, calls, ready } = made();
    await ready();
    void under.mark(INSIDE);
    void under.mark(OUTSIDE);
    expect(calls[1]?.signal.aborted).toBe(true);
    expect(calls[2]?.asked).toMatchObject({ marks: [INSIDE, OUTSIDE], mask: PROPOSAL.rle });
  });

  test("is the first where there is no box", () => {
    const { under, calls } = made();
    void under.mark(INSIDE);
    expect(calls[0]?.asked).toMatchObject({ box: null, marks: [INSIDE], mask: null });
  });

  test("that no engine takes is told, and the proposal stays as it was", async () => {
    const { under, calls, ready, failures, shown } = made();
    await ready();
    const before = under.state.get();
    void under.mark(INSIDE);
    await calls[1]?.fail("takes no points");
    expect(failures).toEqual([["No proposal", "takes no points"]]);
    expect(under.state.get()).toEqual(before);
    expect(shown()?.answer).toEqual(PROPOSAL);
  });

  test("is taken back by undo, without asking", async () => {
    const { under, calls, ready, shown } = made();
    await ready();
    void under.mark(INSIDE);
    await calls[1]?.answer({ score: 0.5 });
    await under.undo();
    expect(shown()?.answer.score).toBe(PROPOSAL.score);
    expect(under.state.get()?.prompt.marks).toEqual([]);
    expect(calls).toHaveLength(2);
    await under.undo();
    expect(under.state.get()).toBeNull();
  });

  test("that runs is taken back by undo, the others are asked for", async () => {
    const { under, calls, ready } = made();
    await ready();
    void under.mark(INSIDE);
    void under.mark(OUTSIDE);
    void under.undo();
    expect(calls[3]?.asked.marks).toEqual([INSIDE]);
    void under.undo();
    expect(under.state.get()).toMatchObject({ kind: "ready", prompt: { marks: [] } });
  });

  test("is given up by Escape, which keeps what is shown", async () => {
    const { under, calls, ready, shown } = made();
    await ready();
    void under.mark(INSIDE);
    under.cancel();
    expect(calls[1]?.signal.aborted).toBe(true);
    expect(under.state.get()?.kind).toBe("ready");
    expect(shown()?.answer).toEqual(PROPOSAL);
  });
});

describe("a comparison", () => {
  test("asks the best of the others the same, then shows one and the other", async () => {
    const { under, calls, ready, shown } = made();
    await ready({ engine: "cut" });
    void under.compare();
    expect(calls[1]?.asked).toMatchObject({ engine: "clusters", box: BOX, mask: null });
    await calls[1]?.answer({ engine: "clusters" });
    const engines = [shown()?.answer.engine];
    for (let i = 0; i < 2; i++) {
      await under.compare();
      engines.push(shown()?.answer.engine);
    }
    expect(engines).toEqual(["cut", "clusters", "cut"]);
    expect(calls).toHaveLength(2);
    await under.compare();
    expect(under.take()?.answer.engine).toBe("clusters");
  });

  test("with the chosen engine is asked anew when another is chosen", async () => {
    const { under, calls, settings, ready } = made();
    await ready({ engine: "clusters" });
    settings.choice.set({ ...settings.choice.get(), compareWith: "cut" });
    void under.compare();
    await calls[1]?.answer({ engine: "cut" });
    settings.choice.set({ ...settings.choice.get(), compareWith: AUTO });
    void under.compare();
    expect(calls.map(({ asked }) => asked.engine)).toEqual([AUTO, "cut", "cut"]);
  });

  test("that fails is told, and can be asked for again", async () => {
    const { under, calls, ready, failures } = made();
    await ready({ engine: "cut" });
    void under.compare();
    await calls[1]?.fail("broken");
    expect(failures).toEqual([["Nothing to compare with", "broken"]]);
    void under.compare();
    expect(calls).toHaveLength(3);
  });

  test("with no other engine is told", async () => {
    const { under, settings, ready, failures } = made();
    settings.engines.set([CUT]);
    await ready({ engine: "cut" });
    await under.compare();
    expect(failures).toHaveLength(1);
    expect(under.state.get()).toMatchObject({ kind: "ready", comparison: null });
  });

  test("ends with the next mark, which goes to the engine that is shown", async () => {
    const { under, calls, ready } = made();
    await ready({ engine: "cut" });
    void under.compare();
    await calls[1]?.answer({ engine: "clusters" });
    await under.compare();
    void under.mark(INSIDE);
    expect(calls[2]?.asked).toMatchObject({ engine: "clusters", marks: [INSIDE] });
    await calls[2]?.answer();
    expect(under.state.get()).toMatchObject({ kind: "ready", comparison: null });
  });

  test("in flight is aborted by the next box", async () => {
    const { under, calls, ready } = made();
    await ready({ engine: "cut" });
    void under.compare();
    void under.request([0, 0, 5, 5]);
    expect(calls[1]?.signal.aborted).toBe(true);
    await calls[2]?.answer();
    await calls[1]?.answer();
    expect(under.state.get()).toMatchObject({ kind: "ready", comparison: null });
  });
});

describe("detail", () => {
  test("is asked for once, and every place of the slider is then at hand", async () => {
    const { under, ready, simplified, shown } = made();
    await ready();
    await under.setDetail(4);
    expect(shown()).toMatchObject({ segmentation: square(10, 10, 24), detail: { iou: 0.2 } });
    await under.setDetail(8);
    await under.setDetail(OWN);
    expect(shown()?.segmentation).toEqual(PROPOSAL.polygons);
    expect(simplified).toHaveLength(1);
  });

  test("is kept for the proposals to come, in the measure of each", async () => {
    const { under, ready, shown } = made();
    await ready();
    await under.setDetail(4);
    await ready({ simplification: { tolerance_px: 3, iou: 0.9, vertices: 4 } });
    expect(shown()?.segmentation).toEqual(square(10, 10, 32));
  });

  test("at its end is the engine's mask itself, which is accepted as it is", async () => {
    const { under, ready, simplified } = made();
    await ready();
    await under.setDetail(EXACT);
    expect(simplified).toEqual([]);
    expect(under.take()).toMatchObject({ segmentation: PROPOSAL.rle, detail: { iou: 1 } });
  });

  test("replaces what was changed by hand, and undo brings that back", async () => {
    const { under, ready, shown } = made();
    await ready();
    under.change(square(0, 0, 11));
    await under.setDetail(2);
    expect(shown()).toMatchObject({ segmentation: square(10, 10, 22), isChanged: false });
    await under.undo();
    expect(shown()).toMatchObject({ segmentation: square(0, 0, 11), isChanged: true });
  });

  test("of another proposal than the one asked about is not shown", async () => {
    const { under, calls, ready, shown } = made();
    await ready();
    const late = under.setDetail(4);
    void under.request([0, 0, 5, 5]);
    await late;
    await calls[1]?.answer({ polygons: square(3, 3, 3), rle: PROPOSAL.rle });
    expect(shown()?.segmentation).toEqual(square(10, 10, 24));
    expect(under.state.get()?.prompt.box).toEqual([0, 0, 5, 5]);
  });
});

describe("a proposal", () => {
  test("is handed out once", async () => {
    const { ready } = made();
    const under = await ready();
    expect(under.take()).toMatchObject({ answer: PROPOSAL });
    expect(under.take()).toBeNull();
  });

  test("is not handed out while another is worked on", async () => {
    const { ready } = made();
    const under = await ready();
    void under.mark(INSIDE);
    expect(under.take()).toBeNull();
  });

  test("has its changes taken back one by one, and then itself", async () => {
    const { ready, shown } = made();
    const under = await ready();
    under.change(square(0, 0, 11));
    under.change(square(0, 0, 12));
    await under.undo();
    expect(shown()?.segmentation).toEqual(square(0, 0, 11));
    await under.undo();
    expect(shown()).toMatchObject({ segmentation: PROPOSAL.polygons, isChanged: false });
    await under.undo();
    expect(under.state.get()).toBeNull();
  });

  test("shows a drag without making it a step of its own", async () => {
    const { ready, shown } = made();
    const under = await ready();
    under.show(square(0, 0, 11));
    expect(shown()).toMatchObject({ segmentation: square(0, 0, 11), isChanged: false });
    await under.undo();
    expect(under.state.get()).toBeNull();
  });
});
