import { beforeEach, expect, test, vi } from "vitest";
import { toggleMarking } from "../editor/acts";
import { acceptProposal } from "../editor/proposal-end";
import { drag, gestureOf, step, type TestEditor, testEditor } from "../editor/testing";
import pointPrompt from "./point-prompt";

let made: TestEditor;
let runner: ReturnType<typeof gestureOf>;
beforeEach(() => {
  made = testEditor([pointPrompt]);
  runner = gestureOf(pointPrompt, made.editor);
});

const ready = () => vi.waitFor(() => expect(made.editor.proposals.state.get()?.kind).toBe("ready"));

test("the first click asks for what is there, however it is made", () => {
  drag(runner, [[15, 15]], { alt: true });
  expect(made.asked).toMatchObject([
    {
      engine: "auto",
      box: null,
      marks: [{ kind: "point", label: 1, point: [15, 15] }],
      mask: null,
    },
  ]);
});

test("further clicks add, with Alt they take away", async () => {
  drag(runner, [[15, 15]]);
  await ready();
  drag(runner, [[18, 15]]);
  await ready();
  drag(runner, [[40, 40]], { alt: true });
  expect(made.asked.at(-1)?.marks.map(({ label }) => label)).toEqual([1, 1, 0]);
});

test("a drag starts with a stroke", () => {
  drag(runner, [
    [15, 15],
    [25, 15],
  ]);
  expect(made.asked[0]?.marks).toMatchObject([{ kind: "stroke", label: 1 }]);
});

test("what is taken away by a key stays so until the key comes again", async () => {
  drag(runner, [[15, 15]]);
  await ready();
  toggleMarking(made.editor, 0);
  drag(runner, [[40, 40]]);
  await ready();
  toggleMarking(made.editor, 0);
  drag(runner, [[20, 20]]);
  expect(made.asked.at(-1)?.marks.map(({ label }) => label)).toEqual([1, 0, 1]);
});

test("the pointer shows what the next click says", async () => {
  runner.feed(step("pointermove", [5, 5], { alt: true }));
  expect(made.editor.marking.pointer.get()).toEqual({ point: [5, 5], label: 1 });
  drag(runner, [[15, 15]]);
  await ready();
  runner.feed(step("pointermove", [5, 5], { alt: true }));
  expect(made.editor.marking.pointer.get()).toEqual({ point: [5, 5], label: 0 });
});

test("a gesture that is cancelled asks nothing", () => {
  runner.feed(step("pointerdown", [15, 15]));
  made.editor.escape();
  runner.cancel();
  expect(made.asked).toEqual([]);
  expect(made.editor.draft.get()).toBeNull();
});

test("an accepted proposal is one annotation, and the next click starts another", async () => {
  drag(runner, [[15, 15]]);
  await ready();
  acceptProposal(made.editor);
  expect(made.editor.annotations.all()).toMatchObject([{ source: "grabcut", category_id: 1 }]);
  drag(runner, [[60, 60]]);
  expect(made.asked.at(-1)?.marks).toHaveLength(1);
});
