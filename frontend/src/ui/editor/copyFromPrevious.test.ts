import { expect, test } from "vitest";
import { content, square, testEditor } from "../../editor/testing";
import { tools } from "../../tools";
import { copyFromPrevious, type Previous } from "./copyFromPrevious";

const SOURCE: Previous = {
  name: "before.png",
  width: 100,
  height: 80,
  contents: [content(), content({ segmentation: square(9, 9, 4) })],
};

/** An editor, and what is copied into it when the test says so. */
function copying() {
  const made = testEditor(tools);
  const answers: ((previous: Previous | null) => void)[] = [];
  const ask = () => new Promise<Previous | null>((resolve) => answers.push(resolve));
  return { ...made, answers, press: () => copyFromPrevious(made.editor, ask) };
}

test("what comes when the image was left goes nowhere, and nothing is said", async () => {
  const { editor, server, notices, answers, press } = copying();
  const pressed = press();
  editor.dispose();
  answers[0]?.(SOURCE);
  await pressed;
  await editor.sync.idle();
  expect(editor.annotations.all()).toEqual([]);
  expect(server.received).toEqual([]);
  expect(notices).toEqual([]);
});

test("pressed twice it is asked and copied once, as one step, and can be asked again after that", async () => {
  const { editor, notices, answers, press } = copying();
  const pressed = [press(), press()];
  expect(answers).toHaveLength(1);
  answers[0]?.(SOURCE);
  await Promise.all(pressed);
  expect(editor.annotations.all()).toHaveLength(2);
  expect(notices.map(({ title }) => title)).toEqual(["2 annotations copied"]);
  editor.undo();
  expect(editor.annotations.all()).toEqual([]);
  const again = press();
  answers[1]?.(SOURCE);
  await again;
  expect(editor.annotations.all()).toHaveLength(2);
});

test.each([
  ["it is the first image", null, "Nothing to copy"],
  ["there are none", { ...SOURCE, contents: [] }, "Nothing to copy"],
  ["the sizes differ", { ...SOURCE, width: 99 }, "The images differ in size"],
])("nothing is copied, and that is said, where %s", async (_, previous, title) => {
  const { editor, notices, answers, press } = copying();
  const pressed = press();
  answers[0]?.(previous);
  await pressed;
  expect(editor.annotations.all()).toEqual([]);
  expect(notices.map((notice) => notice.title)).toEqual([title]);
});

test("while an earlier moment is shown nothing is copied, and only that is said", async () => {
  const { editor, notices, answers, press } = copying();
  editor.past.show({ id: 1, contents: new Map(), deleted: [] });
  const pressed = press();
  answers[0]?.(SOURCE);
  await pressed;
  expect(editor.annotations.all()).toEqual([]);
  expect(notices.map(({ title }) => title)).toEqual(["This is an earlier moment"]);
});
