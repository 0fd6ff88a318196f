import { beforeEach, describe, expect, test, vi } from "vitest";
import { removeHotOrSelected, toggleMarking } from "../editor/acts";
import { acceptProposal } from "../editor/proposal-end";
import { drag, gestureOf, step, type TestEditor, testEditor } from "../editor/testing";
import boxPrompt from "./box-prompt";

let made: TestEditor;
let runner: ReturnType<typeof gestureOf>;
beforeEach(() => {
  made = testEditor([boxPrompt]);
  runner = gestureOf(boxPrompt, made.editor);
});

async function propose(): Promise<void> {
  drag(runner, [
    [50, 60],
    [20, 30],
  ]);
  await vi.waitFor(() => expect(made.editor.proposals.state.get()?.kind).toBe("ready"));
}

describe("a box", () => {
  test("asks for a proposal, whichever corner it is drawn from", async () => {
    await propose();
    expect(made.asked).toMatchObject([{ engine: "auto", box: [20, 30, 50, 60], marks: [] }]);
    expect(made.editor.draft.get()).toBeNull();
    expect(made.editor.annotations.all()).toEqual([]);
  });

  test("is shown while it is dragged", () => {
    runner.feed(step("pointerdown", [20, 30]));
    runner.feed(step("pointermove", [50, 60]));
    expect(made.editor.draft.get()).toEqual({ kind: "box", box: [20, 30, 50, 60] });
  });

  test("of a click, or with no width, asks for nothing", () => {
    drag(runner, [[20, 30]]);
    drag(runner, [
      [20, 30],
      [20, 60],
    ]);
    expect(made.asked).toEqual([]);
  });

  test("aborts the request in flight", () => {
    const signals: AbortSignal[] = [];
    made = testEditor([boxPrompt], [], {
      propose: (_, signal) => {
        signals.push(signal);
        return new Promise(() => {});
      },
    });
    runner = gestureOf(boxPrompt, made.editor);
    drag(runner, [
      [20, 30],
      [50, 60],
    ]);
    drag(runner, [
      [60, 30],
      [90, 60],
    ]);
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, false]);
    made.editor.escape();
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, true]);
    expect(made.editor.proposals.state.get()).toBeNull();
  });
});

describe("a proposal", () => {
  test("is accepted as an annotation of the engine, in one undo step", async () => {
    await propose();
    acceptProposal(made.editor);
    expect(made.editor.annotations.all()).toMatchObject([
      { source: "grabcut", score: 0.9, category_id: 1 },
    ]);
    expect(made.editor.proposals.state.get()).toBeNull();
    made.editor.undo();
    expect(made.editor.annotations.all()).toEqual([]);
  });

  test("is dropped by Escape, and was no step of the annotations", async () => {
    await propose();
    made.editor.escape();
    expect(made.editor.proposals.state.get()).toBeNull();
    for (const _ of ["back", "dropped"]) made.editor.undo();
    expect(made.editor.history.get()).toEqual({ undo: null, redo: null });
  });

  test("is dropped with the tool", async () => {
    await propose();
    boxPrompt.leave(made.editor);
    expect(made.editor.proposals.state.get()).toBeNull();
  });

  test("has its vertices dragged before it is accepted, and undo takes that back", async () => {
    await propose();
    drag(runner, [
      [10, 10],
      [5, 6],
    ]);
    expect(made.asked).toHaveLength(1);
    expect(made.editor.proposals.state.get()).toMatchObject({
      shown: { segmentation: [[[5, 6, 30, 10, 30, 30, 10, 30]]], isChanged: true },
    });
    made.editor.undo();
    acceptProposal(made.editor);
    expect(made.editor.annotations.all()).toMatchObject([
      { segmentation: [[[10, 10, 30, 10, 30, 30, 10, 30]]] },
    ]);
  });
});

describe("marking", () => {
  test("a click adds a point inside, with Alt outside", async () => {
    await propose();
    toggleMarking(made.editor, 1);
    drag(runner, [[15, 15]]);
    drag(runner, [[25, 25]], { alt: true });
    expect(made.asked.at(-1)).toMatchObject({
      box: [20, 30, 50, 60],
      marks: [
        { kind: "point", label: 1, point: [15, 15] },
        { kind: "point", label: 0, point: [25, 25] },
      ],
    });
  });

  test("a drag adds a stroke as wide as the pointer shows", async () => {
    await propose();
    toggleMarking(made.editor, 0);
    const points: [number, number][] = [
      [15, 15],
      [19, 15],
      [20, 15],
      [25, 18],
    ];
    drag(runner, points, { unitsPerPixel: 0.5 });
    expect(made.asked.at(-1)?.marks).toEqual([
      {
        kind: "stroke",
        label: 0,
        points,
        radius: made.editor.settings.brush.get() / 2,
      },
    ]);
  });

  test("shows where the next mark would be", async () => {
    await propose();
    toggleMarking(made.editor, 1);
    runner.feed(step("pointermove", [15, 15]));
    expect(made.editor.marking.pointer.get()).toEqual({ point: [15, 15], label: 1 });
    runner.feed(step("pointermove", [16, 15], { alt: true }));
    expect(made.editor.marking.pointer.get()).toEqual({ point: [16, 15], label: 0 });
  });

  test("leaves vertices alone", async () => {
    await propose();
    toggleMarking(made.editor, 0);
    drag(runner, [[10, 10]]);
    expect(made.asked.at(-1)?.marks).toEqual([{ kind: "point", label: 0, point: [10, 10] }]);
  });

  test("needs a proposal, and ends with it", async () => {
    toggleMarking(made.editor, 1);
    expect(made.editor.marking.mode.get()).toBeNull();
    await propose();
    toggleMarking(made.editor, 1);
    acceptProposal(made.editor);
    expect(made.editor.marking.mode.get()).toBeNull();
  });

  test("is ended by its key or by Escape, before the proposal is dropped", async () => {
    await propose();
    toggleMarking(made.editor, 1);
    toggleMarking(made.editor, 1);
    expect(made.editor.marking.mode.get()).toBeNull();
    toggleMarking(made.editor, 0);
    made.editor.escape();
    expect(made.editor.marking.mode.get()).toBeNull();
    expect(made.editor.proposals.state.get()?.kind).toBe("ready");
  });

  test("Backspace takes back the last mark", async () => {
    await propose();
    toggleMarking(made.editor, 1);
    drag(runner, [[15, 15]]);
    await vi.waitFor(() => expect(made.editor.proposals.state.get()?.kind).toBe("ready"));
    removeHotOrSelected(made.editor);
    expect(made.editor.proposals.state.get()).toMatchObject({
      kind: "ready",
      prompt: { marks: [] },
    });
  });
});
