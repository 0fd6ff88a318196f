import { expect, test } from "vitest";
import { type Edit, memoryJournal } from "./journal";
import { Outbox } from "./outbox";
import type { SendOutcome } from "./sync";
import { content, TestServer } from "./testing";

function edit(id: string, base_revision = 0): Edit {
  return {
    edit_id: `edit of ${id}`,
    op: "create",
    annotation_id: id,
    base_revision,
    annotation: content(),
  };
}

test("an image that cannot be reached does not keep the others waiting, and stays", async () => {
  const journal = memoryJournal();
  await journal.add(7, [edit("a")]);
  await journal.add(8, [edit("b")]);
  const server = new TestServer();
  const send = async (image: number, edits: readonly Edit[]): Promise<SendOutcome> =>
    image === 7 ? { kind: "unreachable", detail: "No such image." } : server.send(image, edits);
  await new Outbox(journal, send).flush();
  expect([...server.held.keys()]).toEqual(["b"]);
  expect(await journal.pending(7)).toEqual([edit("a")]);
  expect(journal.counts.get()).toEqual(new Map([[7, 1]]));
});

test("what needs the user stays until the image is opened", async () => {
  const journal = memoryJournal();
  await journal.add(7, [edit("stale", 3)]);
  await new Outbox(journal, new TestServer().send).flush();
  await new Outbox(journal, async () => ({ kind: "refused", detail: "No." })).flush();
  expect(await journal.pending(7)).toEqual([edit("stale", 3)]);
});

test("two calls at once are one try", async () => {
  const journal = memoryJournal();
  await journal.add(7, [edit("a")]);
  const server = new TestServer();
  const outbox = new Outbox(journal, server.send);
  await Promise.all([outbox.flush(), outbox.flush()]);
  expect(server.received.length).toBe(1);
});

test("what waits for a deleted image can be given up", async () => {
  const journal = memoryJournal();
  await journal.add(7, [edit("a")]);
  await journal.add(8, [edit("b")]);
  await new Outbox(journal, new TestServer().send).discard(7);
  expect(journal.counts.get()).toEqual(new Map([[8, 1]]));
});
