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
  const { editor, server } = testEditor(tools, [left, right]);
  editor.setTool("select");
  editor.select("left");
  const press = (...keys: string[]) => {
    for (const key of keys) commandFor(commands, key)?.run(editor, undefined as never);
  };
  const ring = (id: string) => {
    const one = editor.annotations.get(id);
    return one && isPolygons(one.segmentation) ? one.segmentation[0]?.[0] : undefined;
  };
  return { editor, server, press, ring };
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

  test("a vertex that three share is taken along by all of them, and none by who is locked", () => {
    const { editor, press, ring } = opened();
    editor.create(
      { segmentation: [[[10, 30, 50, 30, 30, 60]]], source: "manual", score: null },
      "Draw polygon",
    );
    const below = editor.annotations.all().at(-1)?.id ?? "";
    // The vertex is first given to the third one, too: by an edge that lies along both others.
    editor.setTool("select");
    editor.select(below);
    press("Mod+ArrowRight", "Insert");
    expect(ring(below)).toEqual([10, 30, 30, 30, 50, 30, 30, 60]);
    press("ArrowDown");
    expect(ring(below)).toEqual([10, 30, 30, 31, 50, 30, 30, 60]);
    expect(ring("left")).toEqual([10, 10, 30, 10, 30, 31, 10, 30]);
    expect(ring("right")).toEqual([30, 10, 50, 10, 50, 30, 30, 31]);

    editor.visibility.setLocked(["right"], true);
    press("ArrowDown");
    expect(ring("left")).toEqual([10, 10, 30, 10, 30, 32, 10, 30]);
    expect(ring("right")).toEqual([30, 10, 50, 10, 50, 30, 30, 31]);
  });

  test("a shared one stops at the image's border for all, and the server has what is shown", async () => {
    const { editor, server, press, ring } = opened();
    press("Mod+ArrowRight", "Mod+ArrowRight");
    for (let i = 0; i < 3; i += 1) press("Shift+ArrowUp");
    expect(ring("left")).toEqual([10, 10, 30, 0, 30, 30, 10, 30]);
    expect(ring("right")).toEqual([30, 0, 50, 10, 50, 30, 30, 30]);
    // One that cannot move is no step.
    press("Mod+Z");
    expect(ring("right")).toEqual([30, 10, 50, 10, 50, 30, 30, 30]);
    expect(editor.history.get().undo).toBeNull();
    press("Mod+Y");
    await editor.sync.idle();
    const stored = server.annotations().map(({ id, segmentation }) => [id, segmentation]);
    expect(Object.fromEntries(stored)).toEqual({
      left: [[ring("left")]],
      right: [[ring("right")]],
    });
  });

  test("arrows move the whole annotation while no vertex is picked", () => {
    const { press, ring } = opened();
    press("ArrowDown");
    expect(ring("left")).toEqual([10, 11, 30, 11, 30, 31, 10, 31]);
  });
});
