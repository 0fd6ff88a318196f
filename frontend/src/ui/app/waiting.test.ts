import { expect, test } from "vitest";
import type { StateSetting } from "../../editor/state-journal";
import { inWords, sum, waitingOf } from "./waiting";

const done = (image_id: number): StateSetting => ({
  image_id,
  project_id: 1,
  image_name: "street.png",
  state: "done",
  was: ["new"],
  setting_id: `${image_id}`,
});

test("edits and states that wait are told together, but for those of the open image", () => {
  const edits = new Map([
    [1, 2],
    [2, 1],
  ]);
  const states = new Map([
    [2, done(2)],
    [3, done(3)],
  ]);
  const waiting = waitingOf(edits, states, 1);
  expect([...waiting].map(([id, counts]) => [id, inWords(counts)])).toEqual([
    [2, "1 edit and 1 state"],
    [3, "1 state"],
  ]);
  expect(inWords(sum(waiting.values()))).toBe("1 edit and 2 states");
  expect(inWords(sum(waitingOf(edits, states, null).values()))).toBe("3 edits and 2 states");
  expect(waitingOf(new Map(), new Map([[1, done(1)]]), 1).size).toBe(0);
});
