import { type DBSchema, type IDBPDatabase, openDB } from "idb";
import type { AnnotationContent } from "./annotation";
import { isPolygons } from "./annotation";
import type { Step, StepKeeper, Steps } from "./history";

/** The steps of one image: those of earlier visits, and who keeps those of this one. */
export interface ImageSteps {
  readonly kept: Steps;
  readonly keeper: StepKeeper & {
    /** Resolves when all is written, or failed to be. */
    settled(): Promise<void>;
  };
}

export interface Bounds {
  /** Of an image. */
  readonly steps: number;
  /** Of an image, about. */
  readonly bytes: number;
  readonly images: number;
}

const BOUNDS: Bounds = { steps: 200, bytes: 4_000_000, images: 50 };

interface StepRow {
  readonly image_id: number;
  /** Counts up with each step of the image. */
  readonly place: number;
  readonly step: Step;
}

interface HeadRow {
  readonly image_id: number;
  /** The place of the last step that is done; those after it are undone. */
  readonly place: number;
  readonly touched_at: number;
}

interface Tables extends DBSchema {
  steps: { key: [number, number]; value: StepRow };
  heads: { key: number; value: HeadRow };
}

function bytesOfContent(content: AnnotationContent | null): number {
  if (content === null) return 0;
  const { segmentation } = content;
  if (!isPolygons(segmentation)) return segmentation.counts.length * 4;
  return segmentation.flat().reduce((sum, ring) => sum + ring.length * 8, 0);
}

function bytesOf({ changes }: Step): number {
  return changes.reduce(
    (sum, { before, after }) => sum + 200 + bytesOfContent(before) + bytesOfContent(after),
    0,
  );
}

const ofImage = (imageId: number) => IDBKeyRange.bound([imageId, 0], [imageId, Infinity]);
const upTo = (imageId: number, place: number) => IDBKeyRange.bound([imageId, 0], [imageId, place]);
const after = (imageId: number, place: number) =>
  IDBKeyRange.bound([imageId, place], [imageId, Infinity], true);

/** Writes one step a row, so that a gesture costs what it is big, however many went before. */
class Keeper implements StepKeeper {
  private written: Promise<void> = Promise.resolve();
  /** By place, the oldest first. */
  private sizes: Map<number, number>;

  /** @param rows what is there, by place */
  constructor(
    private readonly database: IDBPDatabase<Tables>,
    private readonly imageId: number,
    private readonly bounds: Bounds,
    rows: readonly StepRow[],
    private head: number,
  ) {
    this.sizes = new Map(rows.map(({ place, step }) => [place, bytesOf(step)]));
  }

  push(step: Step): void {
    for (const place of this.sizes.keys()) if (place > this.head) this.sizes.delete(place);
    this.head += 1;
    this.sizes.set(this.head, bytesOf(step));
    const oldest = this.shorten();
    this.write([step], this.head, oldest);
  }

  undo(): void {
    this.head -= 1;
    this.write([], this.head);
  }

  redo(): void {
    this.head += 1;
    this.write([], this.head);
  }

  replace({ done, undone }: Steps): void {
    // Steps are only ever left out, so as many as there are here are the same.
    const doneHere = [...this.sizes.keys()].filter((place) => place <= this.head).length;
    const undoneHere = this.sizes.size - doneHere;
    if (done.length === doneHere && undone.length === undoneHere) return;
    const steps = [...done, ...[...undone].reverse()];
    this.head = done.length;
    this.sizes = new Map(steps.map((step, index) => [index + 1, bytesOf(step)]));
    const oldest = this.shorten();
    const { imageId, head } = this;
    this.queue(async () => {
      const transaction = this.database.transaction(["steps", "heads"], "readwrite");
      const rows = transaction.objectStore("steps");
      await rows.delete(ofImage(imageId));
      for (const [index, step] of steps.entries()) {
        if (index + 1 >= oldest) await rows.put({ image_id: imageId, place: index + 1, step });
      }
      await this.writeHead(transaction.objectStore("heads"), head, steps.length > 0);
      await transaction.done;
    });
  }

  settled(): Promise<void> {
    return this.written;
  }

  /** Give up the oldest steps over the bounds; the place of the oldest one left. */
  private shorten(): number {
    let bytes = [...this.sizes.values()].reduce((sum, size) => sum + size, 0);
    for (const [place, size] of this.sizes) {
      const isOver = this.sizes.size > this.bounds.steps || bytes > this.bounds.bytes;
      if (!isOver || this.sizes.size === 1) return place;
      this.sizes.delete(place);
      bytes -= size;
    }
    return this.head;
  }

  private write(steps: readonly Step[], head: number, oldest = 0): void {
    const { imageId } = this;
    this.queue(async () => {
      const transaction = this.database.transaction(["steps", "heads"], "readwrite");
      const rows = transaction.objectStore("steps");
      for (const step of steps) {
        await rows.delete(after(imageId, head));
        await rows.put({ image_id: imageId, place: head, step });
        await rows.delete(upTo(imageId, oldest - 1));
      }
      await this.writeHead(transaction.objectStore("heads"), head, true);
      await transaction.done;
    });
  }

  private async writeHead(
    heads: {
      put(row: HeadRow): Promise<unknown>;
      delete(id: number): Promise<unknown>;
    },
    place: number,
    isAny: boolean,
  ): Promise<void> {
    if (isAny) await heads.put({ image_id: this.imageId, place, touched_at: Date.now() });
    else await heads.delete(this.imageId);
  }

  /** One after the other. A step that the disk did not take is missing at the next visit, and nothing else is. */
  private queue(write: () => Promise<void>): void {
    this.written = this.written.then(write).catch(() => {});
  }
}

/** Steps of images, for undo and redo after the page was closed. */
export class StepStore {
  constructor(
    private readonly database: IDBPDatabase<Tables>,
    private readonly bounds: Bounds,
  ) {}

  async of(imageId: number): Promise<ImageSteps> {
    const rows = await this.database.getAll("steps", ofImage(imageId));
    const head = (await this.database.get("heads", imageId))?.place ?? 0;
    const done = rows.filter(({ place }) => place <= head).map(({ step }) => step);
    const undone = rows.filter(({ place }) => place > head).map(({ step }) => step);
    const keeper = new Keeper(this.database, imageId, this.bounds, rows, head);
    return { kept: { done, undone: undone.reverse() }, keeper };
  }

  /** Give up the steps of the images that were worked on longest ago. */
  async prune(): Promise<void> {
    const transaction = this.database.transaction(["steps", "heads"], "readwrite");
    const heads = await transaction.objectStore("heads").getAll();
    heads.sort((a, b) => b.touched_at - a.touched_at);
    for (const { image_id } of heads.slice(this.bounds.images)) {
      await transaction.objectStore("steps").delete(ofImage(image_id));
      await transaction.objectStore("heads").delete(image_id);
    }
    await transaction.done;
  }
}

/** The store of this name: one for each server and user, as the journal is. */
export async function openStepStore(name: string, bounds = BOUNDS): Promise<StepStore> {
  const database = await openDB<Tables>(name, 1, {
    upgrade(fresh) {
      fresh.createObjectStore("steps", { keyPath: ["image_id", "place"] });
      fresh.createObjectStore("heads", { keyPath: "image_id" });
    },
  });
  const store = new StepStore(database, bounds);
  await store.prune();
  return store;
}
