import { describe, expect, test } from "vitest";
import { tools } from "../tools";
import { isPolygons } from "./annotation";
import { makeCommands } from "./commands";
import { commandFor } from "./keyboard";
import { serverAnnotation, square, testEditor } from "./testing";

const commands = makeCommands(tools);

function opened() {
  const left = serverAnnotation("left", { segmentation: square(10, 10, 20) });
  const right = serverAnnotation("right", { segmentation: square(30, 10, 20) });
  const { editor } = testEditor(tools, [left, right]);
  editor.setTool("select");
  editor.select("left");
  const press = (...keys: string[]) => {
    for (const key of keys) commandFor(commands, key)?.run(editor, undefined as never);
  };
  const ring = (id: string) => {
    const one = editor.annotations.get(id);
    return one && isPolygons(one.segmentation) ? one.segmentation[0]?.[0] : undefined;
  };
  return { editor, press, ring };
}

describe("by the keyboard alone", () => {
  test("vertices are picked one after the other, round the ring and back", () => {
    const { editor, press } = opened();
    const picked = () => editor.hotVertex.get()?.address.vertex;
    press("Mod+ArrowRight");
    expect(picked()).toBe(0);
    press("Mod+ArrowRight", "Mod+ArrowRight");
    expect(picked()).toBe(2);
    press("Mod+ArrowRight", "Mod+ArrowRight");
    expect(picked()).toBe(0);
    press("Mod+ArrowLeft");
    expect(picked()).toBe(3);
  });

  test("the picked one moves, again and again, with those that neighbours share with it", () => {
    const { editor, press, ring } = opened();
    press("Mod+ArrowRight", "Mod+ArrowRight", "ArrowRight", "Shift+ArrowUp");
    expect(ring("left")).toEqual([10, 10, 31, 0, 30, 30, 10, 30]);
    expect(ring("right")).toEqual([31, 0, 50, 10, 50, 30, 30, 30]);
    expect(editor.history.get().undo).toBe("Move vertex");
    press("Mod+Z", "Mod+Z");
    expect(ring("right")).toEqual([30, 10, 50, 10, 50, 30, 30, 30]);
  });

  test("one is put in after the picked one, and deleted again", () => {
    const { press, ring } = opened();
    press("Mod+ArrowRight", "Mod+ArrowRight", "Insert", "ArrowLeft");
    expect(ring("left")).toEqual([10, 10, 30, 10, 29, 20, 30, 30, 10, 30]);
    expect(ring("right")).toEqual([30, 10, 50, 10, 50, 30, 30, 30, 29, 20]);
    press("Delete");
    expect(ring("left")).toEqual([10, 10, 30, 10, 30, 30, 10, 30]);
  });

  test("arrows move the whole annotation while no vertex is picked", () => {
    const { press, ring } = opened();
    press("ArrowDown");
    expect(ring("left")).toEqual([10, 11, 30, 11, 30, 31, 10, 31]);
  });
});
