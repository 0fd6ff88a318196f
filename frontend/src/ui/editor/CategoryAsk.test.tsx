import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act } from "react";
import { afterEach, expect, test } from "vitest";
import type { PageActions } from "../../editor/commands";
import { square, testEditor } from "../../editor/testing";
import { tools } from "../../tools";
import { mount } from "../shared/testing";
import { CategoryAsk } from "./CategoryAsk";
import { originals } from "./commands";
import { EditorContext } from "./context";
import { useKeyboard } from "./useKeyboard";
import type { Page } from "./usePage";

let end = async () => {};
afterEach(() => end());

/** The card that asks for a category, over a proposal, and the keyboard of the editor. */
async function asking() {
  const { editor } = testEditor(tools);
  editor.setTool("box-prompt");
  await editor.proposals.request([10, 10, 30, 30]);
  editor.activeCategory.set(null);
  editor.create({ segmentation: square(0, 0, 4), source: "manual", score: null }, "Draw");
  const page = { actions: {} as PageActions, isLeaving: () => false } as Page;
  function Probe() {
    useKeyboard(undefined, editor, originals, page);
    return <CategoryAsk projectId={1} />;
  }
  const { container, unmount } = await mount(
    <QueryClientProvider client={new QueryClient()}>
      <EditorContext value={editor}>
        <Probe />
      </EditorContext>
    </QueryClientProvider>,
  );
  end = unmount;
  const press = (at: Element | null, repeat = false) =>
    act(async () => {
      const init = { key: "Escape", bubbles: true, cancelable: true, repeat };
      at?.dispatchEvent(new KeyboardEvent("keydown", init));
    });
  const open = () => [editor.waiting.outlines.get().length, editor.proposals.state.get()?.kind];
  return { button: container.querySelector("form button"), press, open };
}

test("Escape on a button of the card drops what waits, and not the proposal as well", async () => {
  const { button, press, open } = await asking();
  expect(open()).toEqual([1, "ready"]);
  await press(button);
  expect(open()).toEqual([0, "ready"]);
});

test.each(["the card", "the page"])("Escape that is held on %s drops nothing more", async (at) => {
  const { button, press, open } = await asking();
  await press(at === "the card" ? button : document.body, true);
  expect(open()).toEqual([1, "ready"]);
});
