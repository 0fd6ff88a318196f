import { beforeEach, describe, expect, test } from "vitest";
import { type Edit, type Journal, openJournal } from "./journal";
import { Outbox } from "./outbox";
import type { Change } from "./store";
import { type Mine, type SendOutcome, type ServerVersion, Sync } from "./sync";
import { content, serverAnnotation, square, TestServer } from "./testing";

const IMAGE = 7;
const OFFLINE: SendOutcome = { kind: "unreachable" };

let journal: Journal;
let count = 0;
beforeEach(async () => {
  count += 1;
  journal = await openJournal(`journal ${count}`);
});

function makeSync(server: TestServer, wait: (ms: number) => Promise<void> = async () => {}) {
  const conflicts: [string, ServerVersion, Mine | null][] = [];
  const refusals: [string, string, ServerVersion | null][] = [];
  const settled: string[] = [];
  const states: string[] = [];
  const sync = new Sync({
    imageId: IMAGE,
    journal,
    send: server.send,
    wait,
    events: {
      settled: (id) => settled.push(id),
      conflict: (...all) => conflicts.push(all),
      refused: ({ id, detail, server }) => {
        refusals.push([id, detail, server]);
        return false;
      },
      notJournaled: (error) => {
        throw error;
      },
    },
  });
  sync.status.subscribe(({ state }) => states.push(state));
  return { sync, conflicts, refusals, settled, states };
}

const create = (id: string): Change => ({ id, before: null, after: content() });
const update = (id: string, x: number): Change => ({
  id,
  before: content(),
  after: content({ segmentation: square(x, 0, 4) }),
});
const remove = (id: string): Change => ({ id, before: content(), after: null });

describe("an edit", () => {
  test("is in the journal before it is sent, and leaves it when it is acknowledged", async () => {
    const server = new TestServer();
    const inJournal: number[] = [];
    const { send } = server;
    const watching = Object.assign(Object.create(server) as TestServer, {
      send: async (image: number, edits: Parameters<typeof send>[1]) => {
        inJournal.push((await journal.pending(IMAGE)).length);
        return send(image, edits);
      },
    });
    const { sync } = makeSync(watching);
    sync.push([create("a")]);
    await sync.idle();
    expect(inJournal).toEqual([1]);
    expect(await journal.pending(IMAGE)).toEqual([]);
    expect(sync.status.get()).toEqual({ state: "saved", pending: 0 });
  });

  test("carries the revision that those before it will make", async () => {
    const server = new TestServer([serverAnnotation("a", { revision: 4 })]);
    const { sync } = makeSync(server);
    sync.load(server.annotations(), []);
    sync.push([update("a", 1)]);
    sync.push([update("a", 2)]);
    sync.push([remove("a")]);
    sync.push([create("a")]);
    await sync.idle();
    expect(server.received.flat().map(({ op, base_revision }) => [op, base_revision])).toEqual([
      ["update", 4],
      ["update", 5],
      ["delete", 6],
      ["create", 7],
    ]);
    expect(server.held.get("a")?.revision).toBe(8);
  });

  test("that comes while one is on its way goes with the next request, in order", async () => {
    const server = new TestServer();
    const { sync } = makeSync(server);
    sync.push([create("a")]);
    await Promise.resolve();
    for (const id of ["b", "c", "d"]) sync.push([create(id)]);
    await sync.idle();
    expect(server.received.flat().map((edit) => edit.annotation_id)).toEqual(["a", "b", "c", "d"]);
    expect(server.received.length).toBeLessThanOrEqual(2);
  });
});

test("edits made while the journal is slow build on what was just acknowledged", async () => {
  const quick = journal;
  journal = Object.assign(Object.create(quick) as Journal, {
    remove: async (image: number, ids: readonly string[]) => {
      await new Promise((resolve) => setTimeout(resolve, 15));
      await quick.remove(image, ids);
    },
  });
  const server = new TestServer();
  const { sync, conflicts } = makeSync(server);
  sync.push([create("a")]);
  for (let x = 1; x <= 12; x += 1) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    sync.push([update("a", x)]);
  }
  await sync.idle();
  expect(conflicts).toEqual([]);
  expect(server.annotations().map(({ revision }) => revision)).toEqual([13]);
});

describe("without a network", () => {
  test("the same edit is sent again until it is taken, and then applied once", async () => {
    const server = new TestServer();
    server.script = [OFFLINE, "lost", OFFLINE];
    const { sync, states } = makeSync(server);
    sync.push([create("a")]);
    await sync.idle();
    expect(new Set(server.received.flat().map((edit) => edit.edit_id)).size).toBe(1);
    expect(server.received.length).toBe(4);
    expect(server.held.get("a")?.revision).toBe(1);
    expect(states).toContain("offline");
    expect(states.at(-1)).toBe("saved");
  });

  test("it waits longer each time, at most half a minute", async () => {
    const server = new TestServer();
    server.script = Array.from({ length: 9 }, () => OFFLINE);
    const waits: number[] = [];
    const { sync } = makeSync(server, async (milliseconds) => {
      waits.push(milliseconds);
    });
    sync.push([create("a")]);
    await sync.idle();
    expect(waits.slice(0, 3)).toEqual([500, 1000, 2000]);
    expect(waits.at(-1)).toBe(30_000);
  });

  test("it does not wait out its time when the network is back", async () => {
    const server = new TestServer();
    server.script = [OFFLINE];
    const { sync } = makeSync(server, () => new Promise(() => {}));
    sync.push([create("a")]);
    await expect.poll(() => sync.status.get()).toEqual({ state: "offline", pending: 1 });
    sync.retryNow();
    await sync.idle();
    expect(server.held.has("a")).toBe(true);
  });

  test("what is drawn meanwhile is kept, in order", async () => {
    const server = new TestServer();
    server.script = [OFFLINE];
    const { sync } = makeSync(server, () => new Promise(() => {}));
    sync.push([create("a")]);
    await expect.poll(() => sync.status.get().state).toBe("offline");
    sync.push([update("a", 1)]);
    sync.push([create("b")]);
    await expect.poll(async () => (await journal.pending(IMAGE)).length).toBe(3);
    expect(sync.status.get()).toEqual({ state: "offline", pending: 3 });
    const ops = (await journal.pending(IMAGE)).map(({ op, annotation_id }) => op + annotation_id);
    expect(ops).toEqual(["createa", "updatea", "createb"]);
  });
});

describe("after a crash of the tab", () => {
  async function leaveBehind(
    server: TestServer,
    changes: readonly Change[],
    script: SendOutcome[] | ["lost"],
  ) {
    server.script = [...script];
    const { sync } = makeSync(server, () => new Promise(() => {}));
    sync.load(server.annotations(), []);
    sync.push(changes);
    await expect.poll(() => sync.status.get().state).toBe("offline");
    return await journal.pending(IMAGE);
  }

  test("the journal's edits stand over the server's state and are sent", async () => {
    const server = new TestServer([serverAnnotation("a")]);
    const pending = await leaveBehind(
      server,
      [update("a", 9), create("b"), remove("b")],
      [OFFLINE],
    );
    const { sync } = makeSync(server);
    const changes = sync.load(server.annotations(), pending);
    expect(changes.map(({ id, after }) => [id, after === null])).toEqual([
      ["a", false],
      ["b", false],
      ["b", true],
    ]);
    await sync.idle();
    expect(server.held.get("a")?.annotation?.segmentation).toEqual(square(9, 0, 4));
    expect(server.held.get("b")?.annotation).toBeNull();
    expect(await journal.pending(IMAGE)).toEqual([]);
  });

  test("an edit whose answer was lost is not doubled", async () => {
    const server = new TestServer([serverAnnotation("a")]);
    const pending = await leaveBehind(server, [update("a", 9), create("b")], ["lost"]);
    const { sync, conflicts } = makeSync(server);
    expect(sync.load(server.annotations(), pending)).toEqual([]);
    await sync.idle();
    expect(conflicts).toEqual([]);
    expect(server.annotations().length).toBe(2);
    expect(server.held.get("a")?.revision).toBe(2);
    expect(await journal.pending(IMAGE)).toEqual([]);
  });

  test("an edit that was taken and then overtaken by another user's does not undo theirs", async () => {
    const server = new TestServer([serverAnnotation("a")]);
    const pending = await leaveBehind(server, [update("a", 9)], ["lost"]);
    const theirs = serverAnnotation("a", { revision: 3, category_id: 2 });
    server.held.set("a", { revision: 3, annotation: theirs });
    const { sync } = makeSync(server);
    sync.load(server.annotations(), pending);
    await sync.idle();
    sync.push([remove("a")]);
    await sync.idle();
    expect(server.received.at(-1)?.[0]?.base_revision).toBe(3);
  });

  test("images that are not opened again are sent as well", async () => {
    const server = new TestServer();
    await leaveBehind(server, [create("a")], [OFFLINE]);
    await new Outbox(journal, server.send).flush();
    expect(server.held.has("a")).toBe(true);
    expect(journal.counts.get()).toEqual(new Map());
  });
});

describe("when somebody else was first", () => {
  test("their version is taken and mine is handed out, not lost", async () => {
    const server = new TestServer([serverAnnotation("a", { revision: 5 })]);
    const { sync, conflicts, states } = makeSync(server);
    sync.load([serverAnnotation("a", { revision: 4 })], []);
    sync.push([update("a", 1), update("a", 2), create("b")]);
    await sync.idle();
    expect(
      conflicts.map(([id, { revision }, mine]) => [id, revision, mine?.content.segmentation]),
    ).toEqual([["a", 5, square(2, 0, 4)]]);
    expect(server.held.has("b")).toBe(true);
    expect(states).toContain("conflict");
    expect(sync.status.get().state).toBe("saved");
    expect(await journal.pending(IMAGE)).toEqual([]);
  });

  test("a closed image leaves it in the journal for when it is opened", async () => {
    const server = new TestServer([serverAnnotation("a", { revision: 5 })]);
    const { sync, conflicts } = makeSync(server);
    sync.load([serverAnnotation("a", { revision: 4 })], []);
    sync.detach();
    sync.push([update("a", 1)]);
    await sync.idle();
    expect(conflicts).toEqual([]);
    expect((await journal.pending(IMAGE)).length).toBe(1);
  });
});

describe("an edit that the server refuses", () => {
  test("is found among others, told, and dropped; the others go in", async () => {
    const server = new TestServer();
    const { sync, refusals } = makeSync(server);
    const { send } = server;
    server.script = [];
    const picky = Object.assign(server, {
      send: async (image: number, edits: Parameters<typeof send>[1]): Promise<SendOutcome> =>
        edits.some((edit) => edit.annotation_id === "bad")
          ? { kind: "refused", detail: "The ring crosses the border." }
          : send(image, edits),
    });
    expect(picky).toBe(server);
    const again = makeSync(picky);
    again.sync.push([create("a"), create("bad"), update("bad", 1), create("c")]);
    await again.sync.idle();
    expect(again.refusals).toEqual([["bad", "The ring crosses the border.", null]]);
    expect([...server.held.keys()]).toEqual(["a", "c"]);
    expect(await journal.pending(IMAGE)).toEqual([]);
    expect(refusals).toEqual([]);
    expect(sync.status.get().state).toBe("saved");
  });
});

test("without a session nothing is sent over and over, and nothing is lost", async () => {
  const server = new TestServer();
  server.script = [{ kind: "signed-out" }];
  const { sync } = makeSync(server);
  sync.push([create("a")]);
  await sync.idle();
  expect(server.received.length).toBe(1);
  expect((await journal.pending(IMAGE)).length).toBe(1);
});

describe("a request that is too large", () => {
  const choosy = (server: TestServer, most: number) =>
    Object.assign(Object.create(server) as TestServer, {
      send: async (image: number, edits: readonly Edit[]): Promise<SendOutcome> =>
        edits.length > most
          ? { kind: "too-large", detail: "The body is over 20 MB." }
          : server.send(image, edits),
    });

  test("is cut in halves until the server takes them, in order", async () => {
    const server = new TestServer();
    const { sync } = makeSync(choosy(server, 3));
    const ids = Array.from({ length: 11 }, (_, index) => `${index}`);
    sync.push(ids.map(create));
    await sync.idle();
    expect([...server.held.keys()]).toEqual(ids);
    expect(sync.status.get()).toEqual({ state: "saved", pending: 0 });
  });

  test("with one edit alone is held, with the server's word on it", async () => {
    const server = new TestServer();
    const { sync } = makeSync(choosy(server, 0), () => new Promise(() => {}));
    sync.push([create("a")]);
    await expect
      .poll(() => sync.status.get())
      .toEqual({ state: "offline", pending: 1, note: "The body is over 20 MB." });
    expect((await journal.pending(IMAGE)).length).toBe(1);
  });
});

test("an exception on the way is no end: the edit is tried again and nothing is lost", async () => {
  const server = new TestServer();
  let calls = 0;
  const { sync } = makeSync(
    Object.assign(Object.create(server) as TestServer, {
      send: async (image: number, edits: readonly Edit[]): Promise<SendOutcome> => {
        calls += 1;
        if (calls === 1) throw new TypeError("A broken answer.");
        return server.send(image, edits);
      },
    }),
  );
  sync.push([create("a")]);
  await sync.idle();
  expect(server.held.has("a")).toBe(true);
});
