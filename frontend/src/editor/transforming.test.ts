import { beforeEach, describe, expect, test } from "vitest";
import { polygonsToRuns } from "../geometry/raster";
import { encodeRLE } from "../geometry/rle";
import { tools } from "../tools";
import select from "../tools/select";
import { isPolygons } from "./annotation";
import { makeCommands, type PageActions } from "./commands";
import { commandFor } from "./keyboard";
import { reshapable } from "./reshapable";
import {
  drag,
  gestureOf,
  serverAnnotation,
  square,
  step,
  type TestEditor,
  testEditor,
} from "./testing";
import { toggleTransform } from "./transforming";

// 100 × 80 pixels, one to a screen pixel: handles are taken hold of within 8 of them.
const A = serverAnnotation("a", { segmentation: square(20, 30, 20), area: 400 });
const B = serverAnnotation("b", { segmentation: [[[40, 30, 60, 30, 60, 50]]], area: 200 });

let made: TestEditor;
let runner: ReturnType<typeof gestureOf>;
beforeEach(() => {
  made = testEditor(tools, [A, B]);
  made.editor.setTool("select");
  runner = gestureOf(select, made.editor);
  made.editor.select("a");
  toggleTransform(made.editor);
});

const commands = makeCommands(tools);
const run = (key: string) => commandFor(commands, key)?.run(made.editor, {} as PageActions);
const ringOf = (id: string) => {
  const segmentation = made.editor.annotations.get(id)?.segmentation;
  return segmentation && isPolygons(segmentation) ? segmentation[0]?.[0] : null;
};
const lastStep = () => made.editor.history.get().undo;

describe("a handle", () => {
  test("in a corner scales about the one opposite, in one undo step", () => {
    drag(runner, [
      [41, 49],
      [51, 54],
      [61, 59],
    ]);
    expect(ringOf("a")).toEqual([20, 30, 60, 30, 60, 60, 20, 60]);
    expect(lastStep()).toBe("Scale annotation");
    made.editor.undo();
    expect(ringOf("a")).toEqual(square(20, 30, 20)[0]?.[0]);
    expect(lastStep()).toBeNull();
  });

  test("on a side that is long enough scales along it alone", () => {
    made.editor.change("a", "Grow", { segmentation: square(20, 20, 40) });
    drag(runner, [
      [60, 40],
      [70, 10],
    ]);
    expect(ringOf("a")).toEqual([20, 20, 70, 20, 70, 60, 20, 60]);
  });

  test("keeps the ratio with Shift, and the middle with Alt", () => {
    drag(
      runner,
      [
        [40, 50],
        [50, 52],
      ],
      { shift: true },
    );
    expect(ringOf("a")).toEqual(square(20, 30, 30)[0]?.[0]);
    made.editor.undo();
    drag(
      runner,
      [
        [40, 50],
        [45, 55],
      ],
      { alt: true },
    );
    expect(ringOf("a")).toEqual(square(15, 25, 30)[0]?.[0]);
  });

  test("leaves a pixel at least, and nothing outside of the image", () => {
    drag(runner, [
      [40, 50],
      [0, 0],
    ]);
    expect(ringOf("a")).toEqual(square(20, 30, 1)[0]?.[0]);
    made.editor.undo();
    drag(
      runner,
      [
        [40, 50],
        [100, 80],
      ],
      { shift: true },
    );
    // The image ends 50 below the upper side.
    expect(ringOf("a")).toEqual(square(20, 30, 50)[0]?.[0]);
  });

  test("shows what it comes to while it is dragged, and Escape takes it back", () => {
    runner.feed(step("pointerdown", [40, 50]));
    runner.feed(step("pointermove", [60, 60]));
    expect(made.editor.transform.get()).toEqual({
      corners: [
        [20, 30],
        [60, 30],
        [60, 60],
        [20, 60],
      ],
      words: "40.0 × 30.0 px",
    });
    expect(made.editor.draft.get()).toMatchObject({ kind: "change", id: "a" });
    runner.cancel();
    expect(made.editor.transform.get()?.corners).toBeNull();
    expect(made.editor.draft.get()).toBeNull();
    expect(lastStep()).toBeNull();
  });

  test("that is only clicked changes nothing", () => {
    drag(runner, [
      [40, 50],
      [41, 51],
    ]);
    expect(lastStep()).toBeNull();
    expect(made.editor.selection.get()).toBe("a");
  });
});

describe("the knob", () => {
  // 26 above the box's upper side.
  const KNOB = [30, 4] as const;

  test("turns about the middle, with Shift by steps of 15°", () => {
    drag(runner, [KNOB, [50, 7], [66, 41]], { shift: true });
    expect(ringOf("a")).toEqual([40, 30, 40, 50, 20, 50, 20, 30]);
    expect(lastStep()).toBe("Rotate annotation");
  });

  test("brings back into the image what it turned out of it", () => {
    made.editor.change("a", "Move", { segmentation: [[[0, 40, 40, 40, 40, 42, 0, 42]]] });
    made.editor.change("a", "Move", { segmentation: [[[0, 70, 40, 70, 40, 80, 0, 80]]] });
    drag(
      runner,
      [
        [20, 44],
        [50, 60],
        [46, 75],
      ],
      { shift: true },
    );
    expect(ringOf("a")).toEqual([25, 40, 25, 80, 15, 80, 15, 40]);
  });

  test("does not turn what has no room for it", () => {
    made.editor.change("a", "Grow", { segmentation: [[[0, 30, 100, 30, 100, 50, 0, 50]]] });
    drag(
      runner,
      [
        [50, 4],
        [84, 40],
      ],
      { shift: true },
    );
    expect(ringOf("a")).toEqual([0, 30, 100, 30, 100, 50, 0, 50]);
  });
});

test("several are scaled together, and what they share stays shared", () => {
  made.editor.toggleSelected("b");
  drag(runner, [
    [60, 50],
    [80, 60],
  ]);
  expect(ringOf("a")).toEqual([20, 30, 50, 30, 50, 60, 20, 60]);
  expect(ringOf("b")).toEqual([50, 30, 80, 30, 80, 60]);
  expect(lastStep()).toBe("Scale 2 annotations");
});

test("a mask is scaled by its pixels, and the hint says that it loses", () => {
  const segmentation = encodeRLE(polygonsToRuns(square(20, 30, 20), made.editor.image));
  made.editor.change("a", "To mask", { segmentation });
  expect(select.hint(made.editor)).toContain("loses a little");
  drag(runner, [
    [40, 50],
    [60, 70],
  ]);
  const after = made.editor.annotations.get("a");
  expect(after?.area).toBe(1600);
  expect(after && isPolygons(after.segmentation)).toBe(false);
});

describe("what is selected while a handle is dragged", () => {
  const press = () => {
    runner.feed(step("pointerdown", [40, 50]));
    runner.feed(step("pointermove", [50, 55]));
  };
  const release = () => {
    runner.feed(step("pointermove", [60, 60]));
    runner.feed(step("pointerup", [60, 60]));
  };

  test("is not what changes: that is what was selected at the press", () => {
    const b = ringOf("b");
    press();
    made.editor.select("b");
    release();
    expect(ringOf("a")).toEqual([20, 30, 60, 30, 60, 60, 20, 60]);
    expect(ringOf("b")).toEqual(b);
  });

  test("nor is anything changed when that is deleted meanwhile", () => {
    press();
    made.editor.remove("a");
    release();
    expect(made.editor.annotations.all().map(({ id }) => id)).toEqual(["b"]);
    expect(lastStep()).toBe("Delete annotation");
    expect(made.notices).toEqual([]);
  });

  test("is not what a drag moves either", () => {
    made.editor.escape();
    const b = ringOf("b");
    runner.feed(step("pointerdown", [30, 40]));
    runner.feed(step("pointermove", [35, 40]));
    made.editor.select("b");
    runner.feed(step("pointermove", [40, 40]));
    runner.feed(step("pointerup", [40, 40]));
    expect(ringOf("a")).toEqual(square(30, 30, 20)[0]?.[0]);
    expect(ringOf("b")).toEqual(b);
  });
});

test("vertices cannot be dragged meanwhile, and can again afterwards", () => {
  expect(reshapable(made.editor)).toBeNull();
  made.editor.escape();
  expect(made.editor.transform.get()).toBeNull();
  expect(reshapable(made.editor)).not.toBeNull();
  expect(made.editor.selection.get()).toBe("a");
});

test("what is locked is not transformed", () => {
  made.editor.visibility.setLocked(["a"], true);
  drag(runner, [
    [40, 50],
    [60, 60],
  ]);
  expect(ringOf("a")).toEqual(square(20, 30, 20)[0]?.[0]);
  expect(made.notices.map(({ title }) => title)).toEqual(["This annotation is locked"]);
});

describe("by the keyboard alone", () => {
  test("it is turned and scaled about its middle", () => {
    run("Shift+T");
    for (let i = 0; i < 6; i++) run("Mod+Shift+ArrowRight");
    const turned = ringOf("a")?.map((value) => Math.round(value * 1e9) / 1e9);
    expect(turned).toEqual([40, 30, 40, 50, 20, 50, 20, 30]);
    made.editor.undo();
    run("}");
    run("{");
    run("Mod+Shift+ArrowLeft");
    expect(lastStep()).toBe("Rotate annotation");
    made.editor.change("a", "Set", { segmentation: square(20, 30, 20) });
    run("Mod+Shift+ArrowUp");
    expect(ringOf("a")).toEqual(square(15, 25, 30)[0]?.[0]);
    run("Mod+Shift+ArrowDown");
    expect(ringOf("a")).toEqual(square(20, 30, 20)[0]?.[0]);
  });

  test("the mode goes on and off, and takes the select tool in hand", () => {
    run("Shift+T");
    expect(made.editor.transform.get()).toBeNull();
    made.editor.setTool("polygon");
    run("Shift+T");
    expect(made.editor.tool.get().id).toBe("select");
    expect(made.editor.transform.get()).not.toBeNull();
    run("Enter");
    expect(made.editor.transform.get()).toBeNull();
  });
});
