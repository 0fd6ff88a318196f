import { afterEach, describe, expect, type MockInstance, test, vi } from "vitest";
import { tools } from "../tools";
import { type Journal, openJournal } from "./journal";
import type { SendOutcome } from "./sync";
import { content, TestServer, testEditor } from "./testing";

const FULL: SendOutcome = {
  kind: "unreachable",
  title: "The server's disk is full",
  detail: "There is no room.",
};
const IMAGE = 7;

let spy: MockInstance<IDBObjectStore["add"]> | null = null;
afterEach(() => spy?.mockRestore());

/** The browser's disk, which takes nothing when told so: it fails as browsers do. */
function smallDisk() {
  const disk = { isFull: true };
  const write = IDBObjectStore.prototype.add;
  spy = vi.spyOn(IDBObjectStore.prototype, "add").mockImplementation(function (
    this: IDBObjectStore,
    ...row
  ) {
    if (disk.isFull) throw new DOMException("The quota is used up.", "QuotaExceededError");
    return write.apply(this, row);
  });
  return disk;
}

/** An editor whose server answers as told, one outcome a request, until it is told nothing more. */
function editorOn(journal: Journal, script: readonly SendOutcome[]) {
  const server = new TestServer();
  server.script = [...script];
  const made = testEditor(tools, [], { journal, send: server.send });
  const draw = () =>
    made.editor.commit("Draw annotation", [
      { id: crypto.randomUUID(), before: null, after: content() },
    ]);
  return { ...made, server, draw };
}

describe("a server without room", () => {
  test("is named, keeps nothing waiting but the edits, and gets them once when it has room", async () => {
    const journal = await openJournal("server full");
    const { editor, server, draw } = editorOn(journal, [FULL]);
    draw();
    await vi.waitFor(() => expect(editor.sync.status.get().state).toBe("offline"));
    expect(editor.sync.status.get()).toEqual({
      state: "offline",
      pending: 1,
      title: FULL.title,
      note: FULL.detail,
    });
    expect(await journal.pending(IMAGE)).toHaveLength(1);
    draw();
    editor.sync.retryNow();
    await editor.sync.idle();
    expect(editor.sync.status.get()).toEqual({ state: "saved", pending: 0 });
    expect(server.annotations()).toHaveLength(2);
    expect(server.annotations().map(({ revision }) => revision)).toEqual([1, 1]);
    expect(await journal.pending(IMAGE)).toEqual([]);
  });
});

describe("a browser without room", () => {
  test("is told of, and the edit goes to the server all the same", async () => {
    smallDisk();
    const { editor, server, notices, draw } = editorOn(await openJournal("no quota"), []);
    draw();
    await editor.sync.idle();
    expect(notices).toEqual([
      {
        kind: "error",
        title: "Not kept on this computer",
        detail: expect.stringContaining("The quota is used up."),
      },
    ]);
    expect(server.annotations()).toHaveLength(1);
    expect(editor.sync.unkept.get()).toBe(0);
  });

  test("and without a server says how many edits are in the tab only, in their order", async () => {
    smallDisk();
    const journal = await openJournal("no quota, no server");
    const { editor, server, draw } = editorOn(journal, [FULL]);
    for (let i = 0; i < 3; i += 1) draw();
    await vi.waitFor(() => expect(editor.sync.status.get().state).toBe("offline"));
    expect(editor.sync.unkept.get()).toBe(3);
    expect(await (await openJournal("no quota, no server")).pending(IMAGE)).toEqual([]);
    const ids = editor.annotations.all().map(({ id }) => id);
    editor.sync.retryNow();
    await editor.sync.idle();
    expect([...server.held.keys()].sort()).toEqual([...ids].sort());
  });

  test("gets the edits as soon as it has room, though no other is made", async () => {
    const disk = smallDisk();
    const journal = await openJournal("quota again");
    const { editor, draw } = editorOn(journal, [FULL, FULL, FULL]);
    draw();
    await vi.waitFor(() => expect(editor.sync.unkept.get()).toBe(1));
    disk.isFull = false;
    editor.sync.retryNow();
    await vi.waitFor(() => expect(editor.sync.unkept.get()).toBe(0));
    expect(await (await openJournal("quota again")).pending(IMAGE)).toHaveLength(1);
    await editor.sync.idle();
  });
});
