import { type DBSchema, type IDBPDatabase, openDB } from "idb";
import type { AnnotationContent } from "./annotation";

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
  add(imageId: number, edits: readonly Edit[]): Promise<void>;
  remove(editIds: readonly string[]): Promise<void>;
  /** In the order they were made. */
  pending(imageId: number): Promise<Edit[]>;
  imagesWithPending(): Promise<number[]>;
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

class BrowserJournal implements Journal {
  constructor(private readonly database: IDBPDatabase<Tables>) {}

  async add(imageId: number, edits: readonly Edit[]): Promise<void> {
    // "strict": the browser answers when the edits are on the disk, so a power cut loses nothing.
    const transaction = this.database.transaction("edits", "readwrite", { durability: "strict" });
    await Promise.all([
      ...edits.map((edit) => transaction.store.add({ image_id: imageId, edit })),
      transaction.done,
    ]);
  }

  async remove(editIds: readonly string[]): Promise<void> {
    const transaction = this.database.transaction("edits", "readwrite");
    for (const editId of editIds) {
      const key = await transaction.store.index("edit").getKey(editId);
      if (key !== undefined) await transaction.store.delete(key);
    }
    await transaction.done;
  }

  async pending(imageId: number): Promise<Edit[]> {
    // Rows with the same index value come in the order of their keys, which count up.
    const rows = await this.database.getAllFromIndex("edits", "image", imageId);
    return rows.map((row) => row.edit);
  }

  async imagesWithPending(): Promise<number[]> {
    const rows = await this.database.getAll("edits");
    return [...new Set(rows.map((row) => row.image_id))];
  }
}

export async function openJournal(name = "segmentarium"): Promise<Journal> {
  const database = await openDB<Tables>(name, 1, {
    upgrade(fresh) {
      const table = fresh.createObjectStore("edits", { autoIncrement: true });
      table.createIndex("image", "image_id");
      table.createIndex("edit", "edit.edit_id", { unique: true });
    },
  });
  return new BrowserJournal(database);
}

/** For a browser that keeps nothing on disk (some private windows): a crash of the tab loses what is not sent yet. */
export function memoryJournal(): Journal {
  let rows: Row[] = [];
  return {
    async add(imageId, edits) {
      rows = [...rows, ...edits.map((edit) => ({ image_id: imageId, edit }))];
    },
    async remove(editIds) {
      rows = rows.filter((row) => !editIds.includes(row.edit.edit_id));
    },
    async pending(imageId) {
      return rows.filter((row) => row.image_id === imageId).map((row) => row.edit);
    },
    async imagesWithPending() {
      return [...new Set(rows.map((row) => row.image_id))];
    },
  };
}
