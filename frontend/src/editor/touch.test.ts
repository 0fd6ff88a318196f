import OlMap from "ol/Map";
import MapBrowserEvent from "ol/MapBrowserEvent";
import View from "ol/View";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import brush from "../tools/brush";
import polygon from "../tools/polygon";
import { Contacts } from "./contacts";
import { imageProjection, toMap } from "./coordinates";
import { FingerView } from "./finger-view";
import { GestureInteraction } from "./gesture";
import { Signal } from "./signal";
import { gestureOf, testEditor } from "./testing";
import type { Tool } from "./tool";

type At = readonly [x: number, y: number];

let map: OlMap;
beforeEach(() => {
  const size = { width: 100, height: 80 };
  const view = new View({
    projection: imageProjection(size),
    center: toMap([50, 40]),
    resolution: 1,
    minResolution: 1 / 64,
    maxResolution: 8,
  });
  map = new OlMap({ view });
  map.setSize([100, 80]);
  vi.spyOn(map, "getEventPixel").mockImplementation((event) => {
    const { clientX, clientY } = event as MouseEvent;
    return [clientX, clientY];
  });
});
afterEach(() => map.dispose());

/** Fingers, pens and a mouse on a screen where a pixel is a pixel of the image, with a tool in hand. */
function hands(tool: Tool) {
  const made = testEditor([tool]);
  const { editor } = made;
  const runner = gestureOf(tool, editor);
  const contacts = new Contacts(editor.drawing.hasPen);
  const chain = [new FingerView(contacts), new GestureInteraction(runner, editor.image, contacts)];
  const down = new Map<number, PointerEvent>();
  const send = (type: string, [x, y]: At, init: PointerEventInit) => {
    const original = new PointerEvent(type === "pointerdrag" ? "pointermove" : type, {
      clientX: x,
      clientY: y,
      ...init,
    });
    const { pointerId } = original;
    const isUp = type === "pointerup" || type === "pointercancel";
    if (isUp) down.delete(pointerId);
    else down.set(pointerId, original);
    const name = type === "pointercancel" ? "pointerup" : type;
    const event = new MapBrowserEvent(name, map, original, false, undefined, [...down.values()]);
    event.pixel = [x, y];
    event.coordinate = toMap([x, y]);
    for (const one of chain) if (!one.handleEvent(event)) break;
  };
  const hand = (pointerType: string, pointerId: number, isPrimary = true, pressure = 0.5) => ({
    down: (at: At) => send("pointerdown", at, { pointerType, pointerId, isPrimary, pressure }),
    move: (at: At) => send("pointerdrag", at, { pointerType, pointerId, isPrimary, pressure }),
    up: (at: At) => send("pointerup", at, { pointerType, pointerId, isPrimary }),
    cancel: (at: At) => send("pointercancel", at, { pointerType, pointerId, isPrimary }),
  });
  const { width } = editor.image;
  const painted = () => editor.annotations.all().map(({ area }) => area);
  return { ...made, runner, painted, width, hand };
}

const centre = () => map.getView().getCenter();

describe("one finger", () => {
  test("draws, as the tool says", () => {
    const { hand, painted } = hands(brush);
    const finger = hand("touch", 1);
    finger.down([20, 20]);
    finger.move([40, 20]);
    finger.up([40, 20]);
    expect(painted()).toHaveLength(1);
    expect(centre()).toEqual([50, -40]);
  });

  test("that only taps clicks where it came down", () => {
    const { hand, editor } = hands(polygon);
    const finger = hand("touch", 1);
    finger.down([20, 20]);
    finger.move([23, 22]);
    finger.up([23, 22]);
    expect(editor.draft.get()).toMatchObject({ kind: "ring", points: [[20, 20]] });
  });

  test("closes a polygon where a mouse would still add a point", () => {
    const tap = (touch: ReturnType<ReturnType<typeof hands>["hand"]>) => (at: At) => {
      touch.down(at);
      touch.up(at);
    };
    const counts = ["touch", "mouse"].map((kind) => {
      const { hand, editor } = hands(polygon);
      const corners: At[] = [
        [10, 10],
        [90, 10],
        [90, 70],
        [25, 22],
      ];
      corners.forEach(tap(hand(kind, 1)));
      return editor.annotations.all().length;
    });
    expect(counts).toEqual([1, 0]);
  });

  test("that the browser takes away draws nothing", () => {
    const { hand, painted, runner } = hands(brush);
    const finger = hand("touch", 1);
    finger.down([20, 20]);
    finger.move([40, 20]);
    finger.cancel([40, 20]);
    expect(painted()).toEqual([]);
    expect(runner.isRunning).toBe(false);
  });
});

describe("two fingers", () => {
  test("move and zoom the view, what is under them stays there, and nothing is drawn", () => {
    const { hand, painted } = hands(brush);
    const [one, other] = [hand("touch", 1), hand("touch", 2, false)];
    one.down([40, 40]);
    other.down([60, 40]);
    one.move([40, 40]);
    // Twice as far from one another, their middle 10 to the right.
    one.move([40, 40]);
    other.move([80, 40]);
    expect(map.getView().getResolution()).toBeCloseTo(0.5);
    // (40, 40) of the image is still under the first finger, which is 10 pixels left of the middle of the map.
    expect(centre()?.[0]).toBeCloseTo(45);
    one.up([40, 40]);
    other.move([10, 10]);
    other.up([10, 10]);
    expect(painted()).toEqual([]);
  });

  test("take back the stroke that the first one had begun", () => {
    const { hand, painted, runner, editor } = hands(brush);
    const [one, other] = [hand("touch", 1), hand("touch", 2, false)];
    one.down([20, 20]);
    one.move([40, 20]);
    expect(runner.isRunning).toBe(true);
    other.down([60, 40]);
    expect(runner.isRunning).toBe(false);
    expect(editor.draft.get()).toBeNull();
    one.up([40, 20]);
    other.up([60, 40]);
    expect(painted()).toEqual([]);
  });

  test("leave a polygon that is being drawn as it was", () => {
    const { hand, runner, editor } = hands(polygon);
    const [one, other] = [hand("touch", 1), hand("touch", 2, false)];
    for (const at of [
      [10, 10],
      [60, 10],
      [60, 60],
    ] as const) {
      one.down(at);
      one.up(at);
    }
    one.down([30, 60]);
    one.move([30, 40]);
    one.move([30, 30]);
    other.down([80, 40]);
    one.move([20, 30]);
    one.up([20, 30]);
    other.up([80, 40]);
    expect(runner.isRunning).toBe(true);
    expect(editor.draft.get()).toMatchObject({
      points: [
        [10, 10],
        [60, 10],
        [60, 60],
      ],
    });
    one.down([10, 60]);
    one.up([10, 60]);
    runner.feed({ type: "command", id: "accept" });
    expect(editor.annotations.all()[0]?.area).toBe(2500);
  });
});

describe("a pen", () => {
  test("draws, and one finger then only moves the view", () => {
    const { hand, painted } = hands(brush);
    const pen = hand("pen", 7);
    pen.down([20, 20]);
    pen.move([40, 20]);
    pen.up([40, 20]);
    expect(painted()).toHaveLength(1);
    const finger = hand("touch", 8);
    finger.down([50, 40]);
    finger.move([50, 40]);
    finger.move([60, 45]);
    finger.up([60, 45]);
    expect(painted()).toHaveLength(1);
    expect(centre()).toEqual([40, -35]);
  });

  test.each(["before", "after"])("is not disturbed by a palm that came %s it", (when) => {
    const { hand, painted, editor } = hands(brush);
    editor.drawing.diameter.set(1);
    const [pen, palm] = [hand("pen", 7), hand("touch", 8)];
    if (when === "before") palm.down([70, 70]);
    pen.down([20, 20]);
    if (when === "after") palm.down([70, 70]);
    palm.move([60, 60]);
    pen.move([29, 20]);
    palm.move([50, 50]);
    pen.up([29, 20]);
    palm.move([10, 10]);
    palm.up([10, 10]);
    expect(painted()).toEqual([10]);
    expect(centre()).toEqual([50, -40]);
  });

  test("takes over from the palm that had begun to draw before any pen was seen", () => {
    const { hand, painted, editor } = hands(brush);
    editor.drawing.diameter.set(1);
    const [pen, palm] = [hand("pen", 7), hand("touch", 8)];
    palm.down([70, 70]);
    palm.move([50, 70]);
    pen.down([20, 20]);
    pen.move([29, 20]);
    pen.up([29, 20]);
    palm.up([50, 70]);
    expect(painted()).toEqual([10]);
  });

  test("that presses half as hard paints half as wide, when that is wanted", () => {
    const areas = [false, true].map((isByPressure) => {
      const { hand, painted, editor } = hands(brush);
      editor.drawing.diameter.set(20);
      editor.drawing.isByPressure.set(isByPressure);
      const pen = hand("pen", 7, true, 0.5);
      pen.down([20, 40]);
      pen.up([20, 40]);
      return painted()[0] ?? 0;
    });
    // Discs of 20 and of 10 pixels.
    expect(areas[0]).toBeCloseTo(Math.PI * 100, -1);
    expect(areas[1]).toBeCloseTo(Math.PI * 25, -1);
  });

  test("presses a mouse's stroke no thinner", () => {
    const { hand, painted, editor } = hands(brush);
    editor.drawing.diameter.set(20);
    editor.drawing.isByPressure.set(true);
    const mouse = hand("mouse", 1);
    mouse.down([20, 40]);
    mouse.up([20, 40]);
    expect(painted()[0]).toBeCloseTo(Math.PI * 100, -1);
  });
});

test("a pen that only hovers is seen too", () => {
  const hasPen = new Signal(false);
  const contacts = new Contacts(hasPen);
  contacts.note({ type: "pointermove", pointerType: "pen", pointerId: 3, isPrimary: true });
  expect(hasPen.get()).toBe(true);
  contacts.note({ type: "pointerdown", pointerType: "touch", pointerId: 4, isPrimary: true });
  expect(contacts.areMovingView).toBe(true);
});
