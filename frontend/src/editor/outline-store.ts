import { type DBSchema, type IDBPDatabase, openDB } from "idb";
import type { Editor } from "./editor";
import type { AwaitingCategory } from "./options";

interface Row {
  readonly image_id: number;
  readonly outline: AwaitingCategory;
}

interface Tables extends DBSchema {
  outlines: { key: number; value: Row; indexes: { image: number; outline: string } };
}

/** Outlines of images that were drawn before there was any category, until one is named: each a row of its own. */
export class OutlineStore {
  /** What the disk has not taken, by id; null: that it is gone. It is in this page's memory only. */
  private readonly unwritten = new Map<string, Row | null>();
  private written: Promise<void> = Promise.resolve();

  /** @param database null where the browser keeps nothing on disk */
  constructor(private readonly database: IDBPDatabase<Tables> | null) {}

  /** Whether any would be lost with the page. */
  get isAnyUnkept(): boolean {
    return [...this.unwritten.values()].some((row) => row !== null);
  }

  /** Those of an image, in the order they were drawn. */
  async of(imageId: number): Promise<readonly AwaitingCategory[]> {
    // A store that cannot be read still opens the image.
    const reading = this.database?.getAllFromIndex("outlines", "image", imageId);
    const rows = (await reading?.catch(() => [])) ?? [];
    const known = rows.filter(({ outline }) => !this.unwritten.has(outline.id));
    const fresh = [...this.unwritten.values()].filter((row) => row?.image_id === imageId);
    return [...known, ...fresh].flatMap((row) => row?.outline ?? []);
  }

  put(imageId: number, outline: AwaitingCategory): void {
    this.change(outline.id, { image_id: imageId, outline });
  }

  remove(id: string): void {
    this.change(id, null);
  }

  /** Resolves when all is written, or failed to be. */
  settled(): Promise<void> {
    return this.written;
  }

  private change(id: string, row: Row | null): void {
    this.unwritten.set(id, row);
    // What the disk does not take stays in memory.
    this.written = this.written.then(() => this.write(id, row)).catch(() => {});
  }

  private async write(id: string, row: Row | null): Promise<void> {
    if (!this.database) return;
    const transaction = this.database.transaction("outlines", "readwrite", {
      durability: "strict",
    });
    const key = await transaction.store.index("outline").getKey(id);
    if (row) await transaction.store.put(row, key);
    else if (key !== undefined) await transaction.store.delete(key);
    await transaction.done;
    if (this.unwritten.get(id) === row) this.unwritten.delete(id);
  }
}

/** The store of this name: one for each server and user, as the journal is. */
export async function openOutlineStore(name: string): Promise<OutlineStore> {
  const database = await openDB<Tables>(name, 1, {
    upgrade(fresh) {
      const table = fresh.createObjectStore("outlines", { autoIncrement: true });
      table.createIndex("image", "image_id");
      table.createIndex("outline", "outline.id", { unique: true });
    },
  }).catch(() => null);
  return new OutlineStore(database);
}

/** What was drawn at earlier visits becomes annotations, or waits again; what waits is kept for the next one. */
export function takeUpOutlines(
  editor: Editor,
  kept: readonly AwaitingCategory[],
  store: OutlineStore,
): void {
  if (editor.isReadOnly) return;
  for (const outline of kept) {
    // What may not be drawn now, for example since others have its pixels by now, waits on.
    if (outline.isUnpicked || editor.create(outline, "Draw annotation") === null) {
      editor.waiting.add(outline);
    }
  }
  const stored = new Map(kept.map((outline) => [outline.id, outline]));
  const keep = (waiting: readonly AwaitingCategory[]) => {
    // The others are in the journal.
    const now = new Map(waiting.flatMap((one) => (one.refused ? [] : [[one.id, one]])));
    for (const [id, outline] of now)
      if (stored.get(id) !== outline) store.put(editor.image.id, outline);
    for (const id of stored.keys()) if (!now.has(id)) store.remove(id);
    stored.clear();
    for (const [id, outline] of now) stored.set(id, outline);
  };
  keep(editor.waiting.outlines.get());
  editor.waiting.outlines.subscribe(keep);
}
