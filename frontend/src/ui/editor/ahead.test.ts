import { expect, test } from "vitest";
import { Ahead } from "./ahead";

function counting() {
  const asked: number[] = [];
  const clock = { now: 0 };
  const ahead = new Ahead(
    async (id) => {
      asked.push(id);
      if (id === 13) throw new Error("unlucky");
      return `answer ${id}, ${asked.length}`;
    },
    1000,
    () => clock.now,
  );
  return { ahead, asked, clock };
}

test("what was asked for ahead is given out, once", async () => {
  const { ahead } = counting();
  ahead.prepare([7]);
  expect(await ahead.take(7)).toBe("answer 7, 1");
  expect(await ahead.take(7)).toBeNull();
});

test("it is asked for once, however often it is prepared, until it is old", () => {
  const { ahead, asked, clock } = counting();
  ahead.prepare([7]);
  ahead.prepare([7, 8]);
  clock.now = 1000;
  ahead.prepare([7, 8]);
  expect(asked).toEqual([7, 8, 7, 8]);
});

test("what is old is not given out", async () => {
  const { ahead, clock } = counting();
  ahead.prepare([7]);
  clock.now = 1000;
  expect(await ahead.take(7)).toBeNull();
});

test("what is not to be expected any more is forgotten", async () => {
  const { ahead } = counting();
  ahead.prepare([7, 8]);
  ahead.prepare([8, 9]);
  expect(await ahead.take(7)).toBeNull();
  expect(await ahead.take(8)).toBe("answer 8, 2");
});

test("a failure is nothing", async () => {
  const { ahead } = counting();
  ahead.prepare([13]);
  expect(await ahead.take(13)).toBeNull();
});
