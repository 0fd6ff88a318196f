import { renderToStaticMarkup } from "react-dom/server";
import { afterEach, expect, test } from "vitest";
import { testEditor } from "../../editor/testing";
import { tools } from "../../tools";
import { keyMap } from "./commands";
import { EditorContext } from "./context";
import { EmptyList } from "./EmptyList";

function words(isReadOnly = false): string {
  const { editor } = testEditor(tools, [], { isReadOnly });
  const html = renderToStaticMarkup(
    <EditorContext value={editor}>
      <EmptyList />
    </EditorContext>,
  );
  return html.replaceAll(/<[^>]*>/g, "");
}

afterEach(() => keyMap.set({}));

test("an image without annotations says by which keys one is made", () => {
  expect(words()).toBe(
    "Nothing here yet. Drag a box over an object with B, click on it with W, or draw around it with P.",
  );
});

test("a tool whose key was changed is named by the new one, and without a key by its name", () => {
  keyMap.set({ "tool-box-prompt": ["Shift+B"], "tool-polygon": [] });
  expect(words()).toContain("with ShiftB, click on it with W, or draw around it with Polygon.");
});

test("who may only look is not told to draw", () => {
  expect(words(true)).toBe("Nothing has been annotated here yet.");
});
