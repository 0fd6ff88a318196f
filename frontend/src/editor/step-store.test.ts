import { describe, expect, test } from "vitest";
import { History, type Step, type Steps } from "./history";
import { openStepStore } from "./step-store";
import { content } from "./testing";

let count = 0;
const name = () => `steps ${count++}`;

function step(label: string): Step {
  return { name: label, changes: [{ id: label, before: null, after: content() }] };
}

const names = ({ done, undone }: Steps) => ({
  done: done.map((one) => one.name),
  undone: undone.map((one) => one.name),
});

async function left(database: string, imageId: number) {
  return names((await (await openStepStore(database)).of(imageId)).kept);
}

/** Work on an image, and wait until it is on the disk. */
async function work(database: string, imageId: number, act: (history: History) => void) {
  const { kept, keeper } = await (await openStepStore(database)).of(imageId);
  const history = new History(keeper);
  history.restore(kept);
  act(history);
  await keeper.settled();
}

describe("the steps of an image", () => {
  test("are there at the next visit, those undone too", async () => {
    const database = name();
    await work(database, 7, (history) => {
      for (const label of ["a", "b", "c", "d"]) history.push(step(label));
      history.undo();
      history.undo();
      history.redo();
    });
    expect(await left(database, 7)).toEqual({ done: ["a", "b", "c"], undone: ["d"] });
  });

  test("go on from visit to visit", async () => {
    const database = name();
    await work(database, 7, (history) => {
      for (const label of ["a", "b", "c"]) history.push(step(label));
      history.undo();
      history.undo();
    });
    await work(database, 7, (history) => history.redo());
    expect(await left(database, 7)).toEqual({ done: ["a", "b"], undone: ["c"] });
    await work(database, 7, (history) => history.push(step("d")));
    expect(await left(database, 7)).toEqual({ done: ["a", "b", "d"], undone: [] });
  });

  test("are no other image's, and no other user's", async () => {
    const database = name();
    await work(database, 7, (history) => history.push(step("a")));
    await work(database, 70, (history) => history.push(step("b")));
    expect(await left(database, 7)).toEqual({ done: ["a"], undone: [] });
    expect(await left(database, 70)).toEqual({ done: ["b"], undone: [] });
    expect(await left(name(), 7)).toEqual({ done: [], undone: [] });
  });

  test("that were forgotten do not come back", async () => {
    const database = name();
    await work(database, 7, (history) => {
      for (const label of ["a", "b", "c"]) history.push(step(label));
      history.forget("b");
      history.undo();
    });
    expect(await left(database, 7)).toEqual({ done: ["a"], undone: ["c"] });
    await work(database, 7, (history) => {
      history.forget("a");
      history.forget("c");
    });
    expect(await left(database, 7)).toEqual({ done: [], undone: [] });
  });
});

describe("what is kept is bounded", () => {
  async function pushed(bounds: Partial<Parameters<typeof openStepStore>[1]>, labels: string[]) {
    const database = name();
    const all = { steps: 100, bytes: 1e6, images: 10, ...bounds };
    const { keeper } = await (await openStepStore(database, all)).of(7);
    const history = new History(keeper);
    for (const label of labels) history.push(step(label));
    await keeper.settled();
    return { database, history, keeper };
  }

  test("to the last steps of an image, while all of this visit's can be undone", async () => {
    const { database, history, keeper } = await pushed({ steps: 2 }, ["a", "b", "c"]);
    expect(await left(database, 7)).toEqual({ done: ["b", "c"], undone: [] });
    for (let i = 0; i < 3; i++) history.undo();
    history.redo();
    await keeper.settled();
    expect(history.undoable?.name).toBe("a");
    expect(await left(database, 7)).toEqual({ done: [], undone: ["c", "b"] });
  });

  test("to so many bytes of an image, but for the last step", async () => {
    const { database } = await pushed({ bytes: 1 }, ["a", "b", "c"]);
    expect(await left(database, 7)).toEqual({ done: ["c"], undone: [] });
  });

  test("to the images worked on last", async () => {
    const database = name();
    for (const imageId of [1, 2, 3]) {
      await work(database, imageId, (history) => history.push(step(`of ${imageId}`)));
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    await openStepStore(database, { steps: 9, bytes: 1e6, images: 2 });
    expect(await left(database, 1)).toEqual({ done: [], undone: [] });
    expect(await left(database, 2)).toEqual({ done: ["of 2"], undone: [] });
    expect(await left(database, 3)).toEqual({ done: ["of 3"], undone: [] });
  });
});
