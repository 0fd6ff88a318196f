import { type DBSchema, type IDBPDatabase, openDB } from "idb";
import type { AnnotationContent } from "./annotation";
import { Signal } from "./signal";

/** One edit on its way to the server, as it is sent. */
export interface Edit {
  readonly edit_id: string;
  readonly op: "create" | "update" | "delete";
  readonly annotation_id: string;
  readonly base_revision: number;
  readonly annotation: AnnotationContent | null;
}

/** Edits that the server has not acknowledged, kept on this computer. */
export interface Journal {
  /** How many edits of each image are waiting, as far as this page knows; `recount` looks what other tabs did. */
  readonly counts: Signal<ReadonlyMap<number, number>>;
  /** How many edits are in this page's memory only, and would be lost with it. */
  readonly unkept: Signal<number>;
  /** An edit that is there already is not added again. Rejects when the edits could not be written to the disk. */
  add(imageId: number, edits: readonly Edit[]): Promise<void>;
  remove(imageId: number, editIds: readonly string[]): Promise<void>;
  /** In the order they were made. */
  pending(imageId: number): Promise<Edit[]>;
  recount(): Promise<ReadonlyMap<number, number>>;
}

interface Row {
  readonly image_id: number;
  readonly edit: Edit;
}

interface Tables extends DBSchema {
  edits: {
    key: number;
    value: Row;
    indexes: { image: number; edit: string };
  };
}

const rowsOf = (imageId: number, edits: readonly Edit[]): Row[] =>
  edits.map((edit) => ({ image_id: imageId, edit }));

function without(rows: readonly Row[], editIds: readonly string[]): Row[] {
  return rows.filter((row) => !editIds.includes(row.edit.edit_id));
}

function editsOf(rows: readonly Row[], imageId: number): Edit[] {
  return rows.filter((row) => row.image_id === imageId).map((row) => row.edit);
}

function counted(imageIds: readonly number[]): ReadonlyMap<number, number> {
  const counts = new Map<number, number>();
  for (const id of imageIds) counts.set(id, (counts.get(id) ?? 0) + 1);
  return counts;
}

function changed(counts: ReadonlyMap<number, number>, imageId: number, by: number) {
  const next = new Map(counts);
  const count = (next.get(imageId) ?? 0) + by;
  if (count > 0) next.set(imageId, count);
  else next.delete(imageId);
  return next;
}

class BrowserJournal implements Journal {
  readonly counts = new Signal<ReadonlyMap<number, number>>(new Map());
  readonly unkept = new Signal(0);
  /** What the disk did not take (it is full, or the user cleared the site's data); the next write tries again. */
  private spilled: readonly Row[] = [];

  constructor(private readonly database: IDBPDatabase<Tables>) {}

  async add(imageId: number, edits: readonly Edit[]): Promise<void> {
    const fresh = rowsOf(imageId, edits);
    try {
      const added = await this.write([...this.spilled, ...fresh]);
      this.spill([]);
      const own = added.filter((row) => row.image_id === imageId && fresh.includes(row)).length;
      this.counts.set(changed(this.counts.get(), imageId, own));
    } catch (error) {
      this.spill([...this.spilled, ...fresh]);
      this.counts.set(changed(this.counts.get(), imageId, fresh.length));
      throw error;
    }
  }

  async remove(imageId: number, editIds: readonly string[]): Promise<void> {
    const left = without(this.spilled, editIds);
    let removed = this.spilled.length - left.length;
    this.spill(left);
    try {
      const transaction = this.database.transaction("edits", "readwrite");
      for (const editId of editIds) {
        const key = await transaction.store.index("edit").getKey(editId);
        if (key === undefined) continue;
        await transaction.store.delete(key);
        removed += 1;
      }
      await transaction.done;
    } finally {
      this.counts.set(changed(this.counts.get(), imageId, -removed));
    }
  }

  async pending(imageId: number): Promise<Edit[]> {
    // Rows with the same index value come in the order of their keys, which count up.
    const rows = await this.database.getAllFromIndex("edits", "image", imageId);
    return [...rows.map((row) => row.edit), ...editsOf(this.spilled, imageId)];
  }

  async recount(): Promise<ReadonlyMap<number, number>> {
    const imageIds = this.spilled.map((row) => row.image_id);
    const index = this.database.transaction("edits").store.index("image");
    for (let at = await index.openKeyCursor(); at; at = await at.continue()) imageIds.push(at.key);
    this.counts.set(counted(imageIds));
    return this.counts.get();
  }

  private spill(rows: readonly Row[]): void {
    this.spilled = rows;
    this.unkept.set(rows.length);
  }

  /** All or none; gives those that were not there yet. */
  private async write(rows: readonly Row[]): Promise<Row[]> {
    // "strict": the browser answers when the edits are on the disk, so a power cut loses nothing.
    const transaction = this.database.transaction("edits", "readwrite", { durability: "strict" });
    const index = transaction.store.index("edit");
    const added: Row[] = [];
    for (const row of rows) {
      if ((await index.getKey(row.edit.edit_id)) !== undefined) continue;
      await transaction.store.add(row);
      added.push(row);
    }
    await transaction.done;
    return added;
  }
}

/** The journal of this name: one for each server and user, whose edits are nobody else's. */
export async function openJournal(name: string): Promise<Journal> {
  const database = await openDB<Tables>(name, 1, {
    upgrade(fresh) {
      const table = fresh.createObjectStore("edits", { autoIncrement: true });
      table.createIndex("image", "image_id");
      table.createIndex("edit", "edit.edit_id", { unique: true });
    },
  });
  const journal = new BrowserJournal(database);
  await journal.recount();
  return journal;
}

/** For a browser that keeps nothing on disk (some private windows): a crash of the tab loses what is not sent yet. */
export function memoryJournal(): Journal {
  const counts = new Signal<ReadonlyMap<number, number>>(new Map());
  const unkept = new Signal(0);
  let rows: readonly Row[] = [];
  const set = (next: readonly Row[]) => {
    rows = next;
    counts.set(counted(rows.map((row) => row.image_id)));
    unkept.set(rows.length);
  };
  return {
    counts,
    unkept,
    async add(imageId, edits) {
      const known = rows.map((row) => row.edit.edit_id);
      set([...rows, ...without(rowsOf(imageId, edits), known)]);
    },
    async remove(_, editIds) {
      set(without(rows, editIds));
    },
    async pending(imageId) {
      return editsOf(rows, imageId);
    },
    async recount() {
      return counts.get();
    },
  };
}
