import { type DBSchema, type IDBPDatabase, openDB } from "idb";
import { Signal } from "./signal";

/** How far the work on an image is. */
export type WorkState = "new" | "in_progress" | "done" | "skipped";

/** A state that the user gave an image. */
export interface StateSetting {
  readonly image_id: number;
  readonly project_id: number;
  /** To tell the user of it, wherever they are then. */
  readonly image_name: string;
  readonly state: WorkState;
  /** The states over which it was set: over another one, which somebody else set, it is not to be. */
  readonly was: readonly WorkState[];
  /** A new one each time that a state is set. */
  readonly setting_id: string;
}

/** What rows do not have that were kept before settings knew their image's name and what they were set over. */
const OF_OLD: Pick<StateSetting, "image_name" | "was"> = {
  image_name: "an image",
  was: ["new", "in_progress", "done", "skipped"],
};

interface Tables extends DBSchema {
  states: { key: number; value: StateSetting };
}

function byImage(settings: Iterable<StateSetting>): ReadonlyMap<number, StateSetting> {
  return new Map([...settings].map((setting) => [setting.image_id, setting]));
}

/** States of images that the server has not confirmed, kept on this computer: of each image the last one. */
export class StateJournal {
  /** By image, as far as this page knows; `refresh` looks what other tabs did. */
  readonly waiting = new Signal<ReadonlyMap<number, StateSetting>>(new Map());
  /** How many are in this page's memory only, and would be lost with it. */
  readonly unkept = new Signal(0);
  /** Not on the disk: the write is under way, or failed. */
  private readonly fresh = new Map<number, StateSetting>();

  /** @param database null: this browser keeps nothing on disk */
  constructor(private readonly database: IDBPDatabase<Tables> | null) {}

  /** In place of the one before of the same image. Rejects when it could not be written to the disk. */
  async put(setting: StateSetting): Promise<void> {
    this.fresh.set(setting.image_id, setting);
    this.show([...this.waiting.get().values(), setting]);
    await this.write(setting);
  }

  /** The server has it. One that was set meanwhile stays. */
  async remove({ image_id, setting_id }: StateSetting): Promise<void> {
    if (this.fresh.get(image_id)?.setting_id === setting_id) this.fresh.delete(image_id);
    let onDisk: StateSetting | undefined;
    try {
      if (this.database) onDisk = await this.removeFrom(this.database, image_id, setting_id);
    } finally {
      const others = [...this.waiting.get().values()].filter((one) => one.image_id !== image_id);
      this.show([...others, ...(onDisk ? [onDisk] : [])]);
    }
  }

  /** Look what is on the disk. */
  async refresh(): Promise<void> {
    const rows = (await this.database?.getAll("states")) ?? [];
    this.show(rows.map((row) => ({ ...OF_OLD, ...row })));
  }

  /** Offer the disk once more what it did not take: there may be room now. */
  async writeUnkept(): Promise<void> {
    await Promise.all([...this.fresh.values()].map((one) => this.write(one).catch(() => {})));
  }

  private async write(setting: StateSetting): Promise<void> {
    if (!this.database) return;
    // "strict": the browser answers when it is on the disk, so a power cut loses nothing.
    const transaction = this.database.transaction("states", "readwrite", { durability: "strict" });
    await Promise.all([transaction.store.put(setting), transaction.done]);
    if (this.fresh.get(setting.image_id) === setting) this.fresh.delete(setting.image_id);
    this.unkept.set(this.fresh.size);
  }

  /** @returns the one that another tab put in its place */
  private async removeFrom(database: IDBPDatabase<Tables>, imageId: number, settingId: string) {
    const transaction = database.transaction("states", "readwrite");
    const found = await transaction.store.get(imageId);
    const isIt = found?.setting_id === settingId;
    if (isIt) await transaction.store.delete(imageId);
    await transaction.done;
    return isIt ? undefined : found;
  }

  private show(known: readonly StateSetting[]): void {
    this.waiting.set(byImage([...known, ...this.fresh.values()]));
    this.unkept.set(this.fresh.size);
  }
}

/**
 * The journal of this name: one for each server and user, as that of edits. It is a database of its own: to add a table
 * to one that other tabs hold open, those would have to be closed first.
 */
export async function openStateJournal(name: string): Promise<StateJournal> {
  const database = await openDB<Tables>(name, 1, {
    upgrade(fresh) {
      fresh.createObjectStore("states", { keyPath: "image_id" });
    },
  });
  const journal = new StateJournal(database);
  await journal.refresh();
  return journal;
}
