import { act } from "react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { serverAnnotation, square, testEditor } from "../../editor/testing";
import { tools } from "../../tools";
import { mount } from "../shared/testing";
import { CoveragePanel } from "./CoveragePanel";
import { EditorContext } from "./context";

const WHOLE = [[[0, 0, 100, 0, 100, 80, 0, 80]]];

let end = async () => {};
beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] }));
afterEach(async () => {
  await end();
  vi.useRealTimers();
});

test("the panel says how much no annotation has, and marks it while a segment map is shown", async () => {
  const { editor } = testEditor(tools, [serverAnnotation("a", { segmentation: square(0, 0, 20) })]);
  const { container, unmount } = await mount(
    <EditorContext value={editor}>
      <CoveragePanel onClose={() => {}} />
    </EditorContext>,
  );
  end = unmount;
  /** What it says when the hand has rested. */
  const words = async () => {
    await act(async () => vi.advanceTimersByTime(300));
    return container.textContent;
  };
  expect(await words()).toContain("1 gap · 95.0% void");
  expect(editor.view.get()).toBe("annotations");
  await act(async () => {
    container.querySelector<HTMLInputElement>("input[value=panoptic]")?.click();
  });
  expect(editor.view.get()).toBe("panoptic");

  await act(async () => editor.change("a", "Reshape", { segmentation: WHOLE }));
  expect(await words()).toContain("No gaps: every pixel has an owner");
  await end();
  end = async () => {};
  expect(editor.view.get()).toBe("annotations");
});
