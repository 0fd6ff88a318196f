import OlMap from "ol/Map";
import MapBrowserEvent from "ol/MapBrowserEvent";
import View from "ol/View";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { Contacts } from "./contacts";
import { type Gesture, GestureInteraction, gesture, type Step } from "./gesture";
import { step } from "./testing";

let log: string[];
let steps: Step[];
beforeEach(() => {
  log = [];
  steps = [];
});

/** Notes its steps until the release; its `finally` drops the draft. */
function* untilRelease(): Gesture {
  log.push("begin");
  try {
    for (let next = yield; next.type !== "pointerup"; next = yield) steps.push(next);
    log.push("commit");
  } finally {
    log.push("drop the draft");
  }
}

const down = step("pointerdown", [1, 1]);
const move = step("pointermove", [2, 2]);
const up = step("pointerup", [3, 3]);

describe("a runner", () => {
  test("takes one gesture from press to release and ends it once", () => {
    const runner = gesture(untilRelease);
    runner.onEnd = vi.fn();
    for (const each of [down, move, move, up]) expect(runner.feed(each)).toBe(true);
    expect(log).toEqual(["begin", "commit", "drop the draft"]);
    expect(steps).toEqual([move, move]);
    expect(runner.isRunning).toBe(false);
    expect(runner.onEnd).toHaveBeenCalledTimes(1);
  });

  test("returns a cancelled gesture: the draft is dropped and nothing is committed", () => {
    const runner = gesture(untilRelease);
    runner.onEnd = vi.fn();
    runner.feed(down);
    expect(runner.cancel()).toBe(true);
    expect(log).toEqual(["begin", "drop the draft"]);
    expect(runner.onEnd).toHaveBeenCalledTimes(1);
    expect(runner.cancel()).toBe(false);
    expect(runner.feed(up)).toBe(false);
  });

  test("takes moves for hovering while no gesture runs", () => {
    const hover = vi.fn();
    const runner = gesture(untilRelease, { hover });
    expect(runner.feed(move)).toBe(false);
    runner.feed(down);
    runner.feed(move);
    expect(hover.mock.calls).toEqual([[move]]);
  });

  test("takes only the commands that the gesture names, and only while it runs", () => {
    const runner = gesture(untilRelease, { commands: ["accept"] });
    expect(runner.feed({ type: "command", id: "accept" })).toBe(false);
    runner.feed(down);
    expect(runner.feed({ type: "command", id: "accept" })).toBe(true);
    expect(runner.feed({ type: "command", id: "undo" })).toBe(false);
    expect(steps).toEqual([{ type: "command", id: "accept" }]);
  });
});

describe("the interaction", () => {
  const size = { width: 100, height: 80 };

  function send(
    interaction: GestureInteraction,
    type: string,
    [x, y]: [number, number],
    init: PointerEventInit = {},
    isDragging = false,
  ): boolean {
    const map = new OlMap({ view: new View({ center: [0, 0], resolution: 0.5 }) });
    const original = new PointerEvent(type === "pointerdrag" ? "pointermove" : type, init);
    const event = new MapBrowserEvent(type, map, original, isDragging);
    event.coordinate = [x, -y];
    event.pixel = [x * 2, y * 2];
    const goesOn = interaction.handleEvent(event);
    map.dispose();
    return goesOn;
  }

  test("clamps points to the image, puts them on the 1/64 px grid and turns y down", () => {
    const interaction = new GestureInteraction(gesture(untilRelease), size);
    expect(send(interaction, "pointerdown", [1, 2])).toBe(false);
    send(interaction, "pointerdrag", [120, -3], { altKey: true });
    send(interaction, "pointerdrag", [1 / 3, 79.9999]);
    expect(steps).toEqual([
      step("pointermove", [100, 0], { pixel: [240, -6], alt: true, unitsPerPixel: 0.5 }),
      step("pointermove", [21 / 64, 80], { pixel: [2 / 3, 2 * 79.9999], unitsPerPixel: 0.5 }),
    ]);
  });

  test("counts a move of a drag once", () => {
    const interaction = new GestureInteraction(gesture(untilRelease), size);
    send(interaction, "pointerdown", [1, 2]);
    send(interaction, "pointermove", [5, 5], {}, true);
    send(interaction, "pointerdrag", [5, 5], {}, true);
    expect(steps).toHaveLength(1);
  });

  test.each([1, 2])("leaves a press of button %i to the map", (button) => {
    const runner = gesture(untilRelease);
    expect(send(new GestureInteraction(runner, size), "pointerdown", [1, 2], { button })).toBe(
      true,
    );
    expect(runner.isRunning).toBe(false);
  });

  test("leaves a press to the map while the hand is held", () => {
    const runner = gesture(untilRelease);
    const interaction = new GestureInteraction(runner, size, new Contacts(), () => true);
    expect(send(interaction, "pointerdown", [1, 2])).toBe(true);
    expect(runner.isRunning).toBe(false);
  });
});
