import { describe, expect, test } from "vitest";
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

  test("keeps images apart and names those with edits left", async () => {
    const journal = await open();
    await journal.add(7, [edit("a"), edit("b")]);
    await journal.add(8, [edit("c")]);
    expect(await journal.pending(8)).toEqual([edit("c")]);
    expect(await journal.imagesWithPending()).toEqual([7, 8]);
  });

  test("forgets acknowledged edits, and does not mind one that is gone", async () => {
    const journal = await open();
    await journal.add(7, [edit("a"), edit("b")]);
    await journal.remove(["a", "never was"]);
    await journal.remove(["a"]);
    expect(await journal.pending(7)).toEqual([edit("b")]);
    await journal.remove(["b"]);
    expect(await journal.imagesWithPending()).toEqual([]);
  });
});

test("the browser's journal is still there when the page is opened again", async () => {
  await (await openJournal("kept")).add(7, [edit("a")]);
  expect(await (await openJournal("kept")).pending(7)).toEqual([edit("a")]);
});

test("the browser's journal takes an edit once, and a refused batch leaves nothing behind", async () => {
  const journal = await openJournal("once");
  await journal.add(7, [edit("a")]);
  await expect(journal.add(7, [edit("b"), edit("a")])).rejects.toThrow();
  expect(await journal.pending(7)).toEqual([edit("a")]);
});
