import { afterEach, describe, expect, type MockInstance, test, vi } from "vitest";
import { openStateJournal, StateJournal, type StateSetting, type WorkState } from "./state-journal";

let count = 0;
function setting(image_id: number, state: WorkState): StateSetting {
  count += 1;
  const setting_id = `setting ${count}`;
  return { image_id, project_id: 1, image_name: "street.png", state, was: ["new"], setting_id };
}

const journals: [string, () => Promise<StateJournal>][] = [
  ["on the disk", () => openStateJournal(`states ${count++}`)],
  ["in memory", async () => new StateJournal(null)],
];

const held = (journal: StateJournal) =>
  [...journal.waiting.get().values()].map(({ image_id, state }) => [image_id, state]);

describe.each(journals)("a journal of states %s", (_, open) => {
  test("keeps of each image the last one, and shows it at once", async () => {
    const journal = await open();
    const written = [
      journal.put(setting(7, "done")),
      journal.put(setting(8, "done")),
      journal.put(setting(7, "skipped")),
    ];
    const expected = [
      [7, "skipped"],
      [8, "done"],
    ];
    expect(held(journal)).toEqual(expected);
    await Promise.all(written);
    await journal.refresh();
    expect(held(journal)).toEqual(expected);
  });

  test("forgets what the server has, but not what was set meanwhile", async () => {
    const journal = await open();
    const first = setting(7, "done");
    await journal.put(first);
    const written = journal.put(setting(7, "in_progress"));
    await journal.remove(first);
    await written;
    expect(held(journal)).toEqual([[7, "in_progress"]]);
    for (const one of journal.waiting.get().values()) await journal.remove(one);
    await journal.refresh();
    expect(held(journal)).toEqual([]);
    expect(journal.unkept.get()).toBe(0);
  });
});

test("the journal on the disk knows at once what an earlier visit left", async () => {
  const first = await openStateJournal("states kept");
  await first.put(setting(7, "done"));
  expect(first.unkept.get()).toBe(0);
  expect(held(await openStateJournal("states kept"))).toEqual([[7, "done"]]);
  expect(held(await openStateJournal("states of somebody else"))).toEqual([]);
});

test("what was kept before settings knew what they were set over is set over anything", async () => {
  const journal = await openStateJournal("states of old");
  const { was: _, image_name: __, ...old } = setting(7, "done");
  await journal.put(old as StateSetting);
  await journal.refresh();
  expect(journal.waiting.get().get(7)).toEqual({
    ...old,
    image_name: "an image",
    was: ["new", "in_progress", "done", "skipped"],
  });
});

test("what another tab set later stays when the earlier one is stored", async () => {
  const [a, b] = [await openStateJournal("states shared"), await openStateJournal("states shared")];
  const first = setting(7, "done");
  await a.put(first);
  await b.put(setting(7, "skipped"));
  await a.remove(first);
  expect(held(a)).toEqual([[7, "skipped"]]);
});

describe("a disk that takes nothing", () => {
  let spy: MockInstance<IDBObjectStore["put"]> | null = null;
  afterEach(() => spy?.mockRestore());

  test("is told, the state is known to be at risk, and offered again", async () => {
    const journal = await openStateJournal("states full");
    spy = vi.spyOn(IDBObjectStore.prototype, "put").mockImplementation(() => {
      throw new DOMException("The disk is full.", "QuotaExceededError");
    });
    await expect(journal.put(setting(7, "done"))).rejects.toThrow("full");
    await journal.refresh();
    expect(held(journal)).toEqual([[7, "done"]]);
    expect(journal.unkept.get()).toBe(1);
    spy.mockRestore();
    await journal.writeUnkept();
    expect(journal.unkept.get()).toBe(0);
    expect(held(await openStateJournal("states full"))).toEqual([[7, "done"]]);
  });
});
