import { expect, test } from "vitest";
import { nextToDo } from "./nextToDo";

const N = "new";
const P = "in_progress";
const D = "done";

test.each([
  ["the next one in order, whichever of the two it is", [D, N, D, P, N], 1, 2],
  ["over those that are done", [N, D, D, P], 1, 4],
  ["from the last on to the first", [D, N, D], 3, 2],
  ["an image before this one", [N, D, N], 3, 1],
  ["none when this is the only one", [D, N, D], 2, null],
  ["none when all are done", [D, D], 1, null],
])("it is %s", async (_, states, from, expected) => {
  const found = await nextToDo(from, async (state, after) => {
    const index = states.findIndex((one, at) => one === state && at + 1 > after);
    return index < 0 ? null : index + 1;
  });
  expect(found).toBe(expected);
});
