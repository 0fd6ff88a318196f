import { type DBSchema, type IDBPDatabase, openDB } from "idb";
import type { Editor } from "./editor";
import type { AwaitingCategory } from "./options";

interface Row {
  readonly image_id: number;
  readonly outlines: readonly AwaitingCategory[];
}

interface Tables extends DBSchema {
  outlines: { key: number; value: Row };
}

/** Outlines of images that were drawn before there was any category, until one is named. */
export class OutlineStore {
  /** What the disk has not taken, by image: it is in this page's memory only. */
  private readonly unwritten = new Map<number, readonly AwaitingCategory[]>();
  private written: Promise<void> = Promise.resolve();

  /** @param database null where the browser keeps nothing on disk */
  constructor(private readonly database: IDBPDatabase<Tables> | null) {}

  /** Whether any would be lost with the page. */
  get isAnyUnkept(): boolean {
    return [...this.unwritten.values()].some((outlines) => outlines.length > 0);
  }

  async of(imageId: number): Promise<readonly AwaitingCategory[]> {
    const unwritten = this.unwritten.get(imageId);
    if (unwritten) return unwritten;
    // A store that cannot be read still opens the image.
    const row = await this.database?.get("outlines", imageId).catch(() => undefined);
    return row?.outlines ?? [];
  }

  /** These outlines of the image and no others. */
  set(imageId: number, outlines: readonly AwaitingCategory[]): void {
    this.unwritten.set(imageId, outlines);
    // What the disk does not take stays in memory.
    this.written = this.written.then(() => this.write(imageId, outlines)).catch(() => {});
  }

  /** Resolves when all is written, or failed to be. */
  settled(): Promise<void> {
    return this.written;
  }

  private async write(imageId: number, outlines: readonly AwaitingCategory[]): Promise<void> {
    if (!this.database) return;
    if (outlines.length > 0) await this.database.put("outlines", { image_id: imageId, outlines });
    else await this.database.delete("outlines", imageId);
    if (this.unwritten.get(imageId) === outlines) this.unwritten.delete(imageId);
  }
}

/** The store of this name: one for each server and user, as the journal is. */
export async function openOutlineStore(name: string): Promise<OutlineStore> {
  const database = await openDB<Tables>(name, 1, {
    upgrade(fresh) {
      fresh.createObjectStore("outlines", { keyPath: "image_id" });
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
  const keep = (waiting: readonly AwaitingCategory[]) =>
    // The others are in the journal.
    store.set(
      editor.image.id,
      waiting.filter(({ refused }) => !refused),
    );
  for (const outline of kept) {
    if (outline.isUnpicked) editor.waiting.add(outline);
    else editor.create(outline, "Draw annotation");
  }
  if (kept.length > 0) keep(editor.waiting.outlines.get());
  editor.waiting.outlines.subscribe(keep);
}
