import { act } from "react";
import { afterEach, expect, test } from "vitest";
import type { PageActions } from "../../editor/commands";
import { drag, serverAnnotation, testEditor, watched } from "../../editor/testing";
import polygon from "../../tools/polygon";
import { mount } from "../shared/testing";
import { EditorContext } from "./context";
import { UndoRedo } from "./TopBar";

let end = async () => {};
afterEach(() => end());

test("the buttons do what their keys do: undo takes back the points of an outline, then the step before", async () => {
  const { tool, runner } = watched(polygon);
  const { editor } = testEditor([tool], [serverAnnotation("a")]);
  const { container, unmount } = await mount(
    <EditorContext value={editor}>
      <UndoRedo page={{} as PageActions} />
    </EditorContext>,
  );
  end = unmount;
  const [undo, redo] = container.querySelectorAll("button");
  const able = () => [undo, redo].map((button) => button?.getAttribute("aria-disabled") !== "true");
  const press = (button: Element | undefined) =>
    act(async () => button?.dispatchEvent(new MouseEvent("click", { bubbles: true })));
  expect(able()).toEqual([false, false]);
  await act(async () => {
    drag(runner(), [[50, 50]], { alt: true });
    drag(runner(), [[80, 50]], { alt: true });
  });
  expect(able()).toEqual([true, false]);
  await press(undo);
  expect(editor.draft.get()).toMatchObject({ points: [[50, 50]] });
  await press(undo);
  expect([editor.draft.get(), ...able()]).toEqual([null, false, false]);
  await act(async () => editor.remove("a"));
  await press(undo);
  expect(editor.annotations.all()).toHaveLength(1);
  await press(redo);
  expect(editor.annotations.all()).toEqual([]);
});
