import { describe, expect, test } from "vitest";
import type { Proposals } from "./proposals";
import { square } from "./testing";
import { INSIDE, made, OUTSIDE } from "./testing-proposals";

describe("a new box over a proposal that is shown", () => {
  const NEXT = [0, 0, 5, 5] as const;
  const WORK: readonly [how: string, work: (under: Proposals) => unknown][] = [
    ["by hand", (under) => under.change(square(0, 0, 11))],
    ["in detail", (under) => under.setDetail(4)],
    ["by points", (under) => under.mark(INSIDE)],
  ];

  /** A proposal that was worked on, and the next box is asked about. */
  async function replaced(work: (under: Proposals) => unknown) {
    const all = made();
    await all.ready();
    const worked = work(all.under);
    await all.calls[1]?.answer();
    await worked;
    const before = all.under.state.get();
    void all.under.request([...NEXT]);
    return { ...all, before, last: () => all.calls.at(-1) };
  }

  describe.each(WORK)("and was worked on %s", (_, work) => {
    test("replaces it, and undo brings it back", async () => {
      const { under, last, before, shown } = await replaced(work);
      await last()?.answer({ engine: "second" });
      expect(shown()?.answer.engine).toBe("second");
      await under.undo();
      expect(under.state.get()).toEqual(before);
    });

    test("brings it back when it is given up, or fails", async () => {
      const { under, last, before, failures } = await replaced(work);
      under.cancel();
      expect(under.state.get()).toEqual(before);
      void under.request([...NEXT]);
      await last()?.fail("no engine");
      expect(under.state.get()).toEqual(before);
      expect(failures).toHaveLength(1);
    });

    test("can be marked before its answer comes, and undone step by step", async () => {
      const { under, last, before } = await replaced(work);
      void under.mark(INSIDE);
      expect(last()?.asked).toMatchObject({ box: NEXT, marks: [INSIDE], mask: null });
      void under.mark(OUTSIDE);
      void under.undo();
      expect(under.state.get()).toMatchObject({ kind: "running", prompt: { marks: [INSIDE] } });
      await last()?.answer();
      await under.undo();
      expect(under.state.get()).toEqual(before);
    });
  });

  test("and was not worked on leaves nothing of it", async () => {
    const { under, last } = await replaced(() => {});
    expect(under.state.get()).toMatchObject({ before: null });
    await last()?.answer();
    await under.undo();
    expect(under.state.get()).toBeNull();
  });

  test("is asked again from its box: what was changed by hand was another proposal", async () => {
    const { under, calls, last } = await replaced((one) => one.change(square(0, 0, 11)));
    await last()?.answer();
    void under.mark(INSIDE);
    await last()?.answer();
    void under.again();
    expect(last()?.asked).toMatchObject({ box: NEXT, marks: [INSIDE], mask: null });
    expect(calls).toHaveLength(4);
  });
});
