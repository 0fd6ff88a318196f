import { act } from "react";
import { afterEach, expect, test } from "vitest";
import { serverAnnotation, testEditor } from "../../editor/testing";
import { ellipseRing } from "../../geometry/ellipse";
import { tools } from "../../tools";
import { mount } from "../shared/testing";
import { originals } from "./commands";
import { EditorContext } from "./context";
import { ToolOptions } from "./ToolOptions";

const ROUND = serverAnnotation("round", { segmentation: [[ellipseRing([10, 10, 70, 70])]] });

let end = async () => {};
afterEach(() => end());

/** The options over the canvas, with a round annotation shown with fewer vertices. */
async function simplifying() {
  const { editor } = testEditor(tools, [ROUND]);
  editor.setTool("select");
  editor.select("round");
  originals.find(({ id }) => id === "simplify")?.run(editor, undefined as never);
  const { container, unmount } = await mount(
    <EditorContext value={editor}>
      <ToolOptions />
    </EditorContext>,
  );
  end = unmount;
  const slider = container.querySelector("[role=slider]");
  const cost = () => {
    const text = container.querySelector("[data-testid=simpler]")?.textContent ?? "";
    const [, vertices, iou] = /^([\d,]+) vert\w+ · IoU ([\d.]+)%$/.exec(text) ?? [];
    return { vertices: Number(vertices), iou: Number(iou) };
  };
  const press = (key: string) =>
    act(async () => {
      slider?.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
    });
  const click = (name: string) =>
    act(async () => {
      const buttons = [...container.querySelectorAll("button")];
      buttons.find(({ textContent }) => textContent?.startsWith(name))?.click();
    });
  return { editor, container, slider, cost, press, click };
}

test("the slider says how many vertices are left and what IoU they keep, for each place", async () => {
  const { editor, slider, cost, press } = await simplifying();
  const costs = [cost()];
  for (let i = 0; i < 3; i += 1) {
    await press("ArrowRight");
    costs.push(cost());
  }
  const shown = editor.simpler.get();
  expect(costs.at(-1)).toEqual({
    vertices: shown?.vertices,
    iou: Math.floor((shown?.iou ?? 0) * 1000) / 10,
  });
  const vertices = costs.map((one) => one.vertices);
  expect(vertices).toEqual([...vertices].sort((a, b) => b - a));
  expect(vertices.at(-1)).toBeLessThan(vertices[0] ?? 0);
  expect(costs.at(-1)?.iou).toBeLessThan(costs[0]?.iou ?? 0);
  expect(slider?.getAttribute("aria-valuetext")).toMatch(/^3 pixels, \d+ vertices · IoU [\d.]+%$/);
  // Nothing is changed by looking.
  expect(editor.annotations.get("round")?.segmentation).toBe(ROUND.segmentation);
  expect(editor.history.get().undo).toBeNull();
});

test("what was chosen is applied as one step, and Cancel applies nothing", async () => {
  const { editor, container, press, click } = await simplifying();
  for (let i = 0; i < 4; i += 1) await press("ArrowRight");
  const polygons = editor.simpler.get()?.polygons;
  await click("Apply");
  expect(editor.annotations.get("round")?.segmentation).toEqual(polygons);
  expect(container.querySelector("[role=slider]")).toBeNull();
  await act(async () => editor.undo());
  expect(editor.annotations.get("round")?.segmentation).toEqual(ROUND.segmentation);
  expect(editor.history.get()).toEqual({ undo: null, redo: "Simplify" });
  await end();

  const other = await simplifying();
  await other.press("ArrowRight");
  await other.click("Cancel");
  expect(other.editor.annotations.get("round")?.segmentation).toBe(ROUND.segmentation);
  expect(other.editor.history.get().undo).toBeNull();
});
