import { afterEach, describe, expect, type MockInstance, test, vi } from "vitest";
import { type Edit, type Journal, memoryJournal, openJournal } from "./journal";
import { content } from "./testing";

function edit(edit_id: string): Edit {
  return {
    edit_id,
    op: "create",
    annotation_id: `annotation of ${edit_id}`,
    base_revision: 0,
    annotation: content(),
  };
}

let count = 0;
const journals: [string, () => Promise<Journal>][] = [
  ["the browser's", () => openJournal(`test ${count++}`)],
  ["the one in memory", async () => memoryJournal()],
];

describe.each(journals)("%s journal", (_, open) => {
  test("gives edits back as they were, in the order they were made", async () => {
    const journal = await open();
    await journal.add(7, [edit("z"), edit("a")]);
    await journal.add(7, [edit("m")]);
    expect(await journal.pending(7)).toEqual([edit("z"), edit("a"), edit("m")]);
  });

  test("takes an edit once", async () => {
    const journal = await open();
    await journal.add(7, [edit("a")]);
    await journal.add(7, [edit("b"), edit("a")]);
    expect(await journal.pending(7)).toEqual([edit("a"), edit("b")]);
    expect(journal.counts.get()).toEqual(new Map([[7, 2]]));
  });

  test("keeps images apart and names those with edits left", async () => {
    const journal = await open();
    await journal.add(7, [edit("a"), edit("b")]);
    await journal.add(8, [edit("c")]);
    expect(await journal.pending(8)).toEqual([edit("c")]);
    const counts = new Map([
      [7, 2],
      [8, 1],
    ]);
    expect(journal.counts.get()).toEqual(counts);
    expect(await journal.recount()).toEqual(counts);
  });

  test("forgets acknowledged edits, and does not mind one that is gone", async () => {
    const journal = await open();
    await journal.add(7, [edit("a"), edit("b")]);
    await journal.remove(7, ["a", "never was"]);
    await journal.remove(7, ["a"]);
    expect(await journal.pending(7)).toEqual([edit("b")]);
    await journal.remove(7, ["b"]);
    expect(journal.counts.get()).toEqual(new Map());
    expect(await journal.recount()).toEqual(new Map());
  });
});

test("the browser's journal is still there when the page is opened again", async () => {
  await (await openJournal("kept")).add(7, [edit("a")]);
  expect(await (await openJournal("kept")).pending(7)).toEqual([edit("a")]);
});

test("the browser's journal knows at once how much it was opened with", async () => {
  await (await openJournal("counted")).add(7, [edit("a"), edit("b")]);
  expect((await openJournal("counted")).counts.get()).toEqual(new Map([[7, 2]]));
});

test("journals of other servers and users are other journals", async () => {
  await (await openJournal("segmentarium-here-1")).add(7, [edit("a")]);
  expect(await (await openJournal("segmentarium-there-1")).pending(7)).toEqual([]);
  expect(await (await openJournal("segmentarium-here-2")).pending(7)).toEqual([]);
});

describe("a disk that takes nothing", () => {
  let spy: MockInstance<IDBObjectStore["add"]> | null = null;

  /** Fails as a full disk does, when told to. */
  function breakable() {
    const disk = { isFull: false };
    const write = IDBObjectStore.prototype.add;
    spy = vi.spyOn(IDBObjectStore.prototype, "add").mockImplementation(function (
      this: IDBObjectStore,
      ...row
    ) {
      if (disk.isFull) throw new DOMException("The disk is full.", "QuotaExceededError");
      return write.apply(this, row);
    });
    return disk;
  }

  afterEach(() => spy?.mockRestore());

  test("is told, and the edits are held in memory and known to be at risk", async () => {
    const journal = await openJournal("full");
    const disk = breakable();
    disk.isFull = true;
    await expect(journal.add(7, [edit("a")])).rejects.toThrow("full");
    expect(await journal.pending(7)).toEqual([edit("a")]);
    expect(journal.unkept.get()).toBe(1);
    expect(journal.counts.get()).toEqual(new Map([[7, 1]]));
    await journal.remove(7, ["a"]);
    expect(journal.unkept.get()).toBe(0);
    expect(journal.counts.get()).toEqual(new Map());
  });

  test("gets them, in order, as soon as it takes something again", async () => {
    const journal = await openJournal("full for a while");
    const disk = breakable();
    disk.isFull = true;
    await expect(journal.add(7, [edit("a")])).rejects.toThrow();
    disk.isFull = false;
    await journal.add(7, [edit("b")]);
    expect(journal.unkept.get()).toBe(0);
    expect(await (await openJournal("full for a while")).pending(7)).toEqual([
      edit("a"),
      edit("b"),
    ]);
    expect(await journal.recount()).toEqual(journal.counts.get());
  });
});
