import type { AnnotationContent, ServerAnnotation } from "./annotation";
import { backOffMs, sleep } from "./back-off";
import { newId } from "./ids";
import type { Edit, Journal } from "./journal";
import { Signal } from "./signal";
import type { Change } from "./store";

/** What the server holds of an annotation; `annotation` is null when it is deleted there. */
export interface ServerVersion {
  readonly revision: number;
  readonly annotation: ServerAnnotation | null;
}

export interface EditResult extends ServerVersion {
  readonly edit_id: string;
  readonly annotation_id: string;
}

export interface StaleAnnotation extends ServerVersion {
  readonly id: string;
}

/** Why nothing is taken, in the server's words. */
interface Reason {
  readonly title?: string;
  readonly detail?: string;
}

/** What became of a batch. A batch is applied whole or not at all. */
export type SendOutcome =
  | { readonly kind: "applied"; readonly results: readonly EditResult[] }
  | { readonly kind: "conflict"; readonly current: readonly StaleAnnotation[] }
  /** The edits are wrong in themselves: sending them again cannot help. */
  | { readonly kind: "refused"; readonly detail: string; readonly isCategoryGone?: boolean }
  /** More than the server takes in one request. */
  | ({ readonly kind: "too-large" } & Reason)
  /** Not taken now, and what the server said of it, if it said anything. */
  | ({ readonly kind: "unreachable" } & Reason)
  | { readonly kind: "signed-out" };

export type Send = (imageId: number, edits: readonly Edit[]) => Promise<SendOutcome>;

export interface SyncStatus {
  /** "held": the server will not take some annotations as they are, and the user must say what becomes of them. */
  readonly state: "saved" | "saving" | "offline" | "conflict" | "held";
  /** Edits on their way; of "held": annotations. */
  readonly pending: number;
  /** Why nothing is sent now: in short, and at length. */
  readonly title?: string;
  readonly note?: string;
}

/** Whether all that is shown as annotations is stored. */
export function isStored({ state }: SyncStatus): boolean {
  return state === "saved" || state === "held";
}

/** What the user made of an annotation that the server did not take. */
export interface Mine {
  /** The last of the edits that gave way: what follows from it carries ids that follow from this one. */
  readonly editId: string;
  readonly content: AnnotationContent;
}

/** An edit that the server will never take, with all of the same annotation that follow it. */
export interface Refusal {
  readonly id: string;
  readonly detail: string;
  /** The category that the edit gave, when the fault is that it is deleted. */
  readonly goneCategory: number | null;
  readonly server: ServerVersion | null;
  /** What the edit at fault made of it; null: it deleted it. */
  readonly refused: AnnotationContent | null;
  /** Null if the user had deleted it. */
  readonly mine: Mine | null;
  /** What the user made of it after the edit at fault: its content, null where it was deleted; null: nothing. */
  readonly later: { readonly editId: string; readonly content: AnnotationContent | null } | null;
}

export interface SyncEvents {
  /** The server's version of an annotation that has no edit on its way any more. */
  settled(id: string, version: ServerVersion): void;
  /** Somebody else was first; `mine` is null if the user had deleted it. */
  conflict(id: string, current: ServerVersion, mine: Mine | null): void;
  /** @returns whether its edits stay in the journal, until others follow on them or `release` */
  refused(refusal: Refusal): boolean;
  /** The edit could not be written to this computer's disk. */
  notJournaled(error: unknown): void;
}

export interface SyncOptions {
  readonly imageId: number;
  readonly journal: Journal;
  readonly send: Send;
  readonly events: SyncEvents;
  /** Do not wait and try again; what was not taken stays in the journal. */
  readonly isOneTry?: boolean;
  readonly wait?: (milliseconds: number) => Promise<void>;
}

const MOST_PER_REQUEST = 200;

function madeBy({ edit_id, annotation }: Edit): Mine | null {
  return annotation && { editId: edit_id, content: annotation };
}

/**
 * The outbox of one image: edits go into the journal, then to the server, in order, one request at a time.
 *
 * An edit carries the revision that it changes. Edits wait in a queue, so the revision is foretold: each edit that goes
 * before raises it by one.
 */
export class Sync {
  readonly status = new Signal<SyncStatus>({ state: "saved", pending: 0 });
  /** How many edits are in no journal on a disk. */
  readonly unkept: Signal<number>;
  private queue: Edit[] = [];
  private readonly server = new Map<string, ServerVersion>();
  private written: Promise<void> = Promise.resolve();
  private running: Promise<void> | null = null;
  private attempts = 0;
  private reason: Reason = {};
  /** How many edits from the front of the queue go one by one: one of them is at fault. */
  private suspects = 0;
  /** Refused edits that the journal keeps, by annotation. */
  private readonly held = new Map<string, readonly Edit[]>();
  private most = MOST_PER_REQUEST;
  private wake: () => void = () => {};
  private detached = false;
  private readonly wait: (milliseconds: number) => Promise<void>;

  constructor(private readonly options: SyncOptions) {
    this.wait = options.wait ?? sleep;
    this.unkept = options.journal.unkept;
  }

  /**
   * Start from the server's annotations and the journal's edits.
   *
   * @returns the journal's changes that still stand over the server's state, in order
   */
  load(annotations: readonly ServerAnnotation[], pending: readonly Edit[]): Change[] {
    const now = new Map<string, { revision: number; content: AnnotationContent | null }>();
    for (const annotation of annotations) {
      this.server.set(annotation.id, { revision: annotation.revision, annotation });
      now.set(annotation.id, { revision: annotation.revision, content: annotation });
    }
    const changes: Change[] = [];
    for (const edit of pending) {
      const known = now.get(edit.annotation_id);
      // An edit whose base is past was applied already (its answer was lost) or is stale. It is sent again all the
      // same, and the server says which; until then its state is shown.
      const stands =
        edit.op === "create" ? !known?.content : known?.revision === edit.base_revision;
      if (!stands) continue;
      changes.push({
        id: edit.annotation_id,
        before: known?.content ?? null,
        after: edit.annotation,
      });
      now.set(edit.annotation_id, { revision: edit.base_revision + 1, content: edit.annotation });
    }
    this.queue = [...pending];
    this.start();
    return changes;
  }

  /** Deleted annotations are in no list of annotations; who brings one back must name its revision. */
  knowDeleted(deleted: readonly { readonly id: string; readonly revision: number }[]): void {
    for (const { id, revision } of deleted) {
      if ((this.server.get(id)?.revision ?? 0) < revision) {
        this.server.set(id, { revision, annotation: null });
      }
    }
  }

  /** @param editIds ids for the edits, where they follow from something; else they are new */
  push(changes: readonly Change[], editIds: readonly string[] = []): void {
    const edits: Edit[] = [];
    for (const [index, { id, before, after }] of changes.entries()) {
      const earlier = edits.findLast((edit) => edit.annotation_id === id) ?? this.lastQueued(id);
      edits.push({
        edit_id: editIds[index] ?? newId(),
        op: before === null ? "create" : after === null ? "delete" : "update",
        annotation_id: id,
        base_revision: earlier ? earlier.base_revision + 1 : (this.server.get(id)?.revision ?? 0),
        annotation: after,
      });
    }
    this.queue.push(...edits);
    const { journal, imageId, events } = this.options;
    this.written = this.written
      .then(() => journal.add(imageId, edits))
      .catch((error: unknown) => events.notJournaled(error));
    // What follows on refused edits is in the journal first.
    for (const { id } of changes) this.release(id);
    this.start();
  }

  /** Refused edits are done with. */
  release(id: string): void {
    const edits = this.held.get(id);
    if (!edits) return;
    this.held.delete(id);
    void this.forget(edits);
    if (this.queue.length === 0) this.show("saved");
  }

  /** Do not wait out the back-off: the network may be back. */
  readonly retryNow = (): void => {
    this.attempts = 0;
    this.wake();
    this.start();
  };

  /** The image is closed: go on sending; what needs the user waits in the journal until it is opened again. */
  detach(): void {
    this.detached = true;
  }

  /** Resolves when nothing is under way. */
  async idle(): Promise<void> {
    while (this.running) await this.running;
  }

  private lastQueued(id: string): Edit | undefined {
    return this.queue.findLast((edit) => edit.annotation_id === id);
  }

  private show(state: SyncStatus["state"]): void {
    if (state === "saved" && this.held.size > 0) {
      this.status.set({ state: "held", pending: this.held.size });
      return;
    }
    const { title, detail } = state === "offline" ? this.reason : {};
    this.status.set({
      state,
      pending: this.queue.length,
      ...(title ? { title } : {}),
      ...(detail ? { note: detail } : {}),
    });
  }

  private start(): void {
    if (this.queue.length === 0) this.show("saved");
    else this.show(this.attempts > 0 ? "offline" : "saving");
    if (this.running || this.queue.length === 0) return;
    this.running = this.drain().finally(() => {
      this.running = null;
    });
  }

  private async drain(): Promise<void> {
    while (this.queue.length > 0) {
      let goesOn: boolean;
      try {
        goesOn = await this.sendBatch();
      } catch (error) {
        // Whatever went wrong, the queue still holds what is not acknowledged.
        const detail = error instanceof Error ? error.message : String(error);
        goesOn = await this.backOff({ detail });
      }
      if (!goesOn) return;
    }
  }

  /** @returns whether the next batch may follow */
  private async sendBatch(): Promise<boolean> {
    await this.written;
    const batch = this.queue.slice(0, this.suspects > 0 ? 1 : this.most);
    const outcome = await this.options.send(this.options.imageId, batch);
    if (outcome.kind === "signed-out") {
      this.show("offline");
      return false;
    }
    if (outcome.kind === "too-large" && batch.length > 1) {
      this.most = Math.ceil(batch.length / 2);
      return true;
    }
    if (outcome.kind === "unreachable" || outcome.kind === "too-large") {
      return await this.backOff(outcome);
    }
    this.attempts = 0;
    if (outcome.kind === "applied") await this.settle(batch, outcome.results);
    else if (this.detached) return false;
    else if (outcome.kind === "conflict") await this.giveWay(outcome.current);
    else await this.drop(batch, outcome.detail, outcome.isCategoryGone ?? false);
    this.show(this.queue.length > 0 ? "saving" : "saved");
    return true;
  }

  /** @returns whether to try again */
  private async backOff(reason: Reason): Promise<boolean> {
    this.attempts += 1;
    this.reason = reason;
    this.show("offline");
    await this.writeUnkept();
    if (this.options.isOneTry) return false;
    const woken = new Promise<void>((resolve) => {
      this.wake = resolve;
    });
    await Promise.race([this.wait(backOffMs(this.attempts)), woken]);
    return true;
  }

  /** What this computer's disk did not take is offered again while it waits: there may be room now. */
  private async writeUnkept(): Promise<void> {
    const { journal, imageId } = this.options;
    if (journal.unkept.get() > 0) await journal.add(imageId, []).catch(() => {});
  }

  /** Nothing is awaited between the queue and the revisions: an edit made in between would carry an old revision. */
  private async settle(batch: readonly Edit[], results: readonly EditResult[]): Promise<void> {
    this.suspects = Math.max(this.suspects - batch.length, 0);
    this.queue = this.queue.slice(batch.length);
    for (const { annotation_id, revision, annotation } of results) {
      // An edit that was sent twice answers as it did the first time; others may have edited since.
      const known = this.server.get(annotation_id);
      if (known && known.revision > revision) continue;
      this.server.set(annotation_id, { revision, annotation });
    }
    for (const id of new Set(results.map((result) => result.annotation_id))) {
      const version = this.server.get(id);
      if (version && !this.lastQueued(id)) this.options.events.settled(id, version);
    }
    await this.forget(batch);
  }

  private async giveWay(current: readonly StaleAnnotation[]): Promise<void> {
    this.show("conflict");
    for (const { id, revision, annotation } of current) {
      const version = { revision, annotation };
      this.server.set(id, version);
      const mine = this.takeFromQueue(id);
      // The user's version is put back under a new id first, and only then leaves the journal.
      const last = mine.at(-1);
      if (last) {
        this.options.events.conflict(id, version, madeBy(last));
      }
      await this.forget(mine);
    }
  }

  private async drop(
    batch: readonly Edit[],
    detail: string,
    isCategoryGone: boolean,
  ): Promise<void> {
    if (batch.length > 1) {
      this.suspects = batch.length;
      return;
    }
    const [edit] = batch;
    if (!edit) return;
    const id = edit.annotation_id;
    const refused = this.takeFromQueue(id);
    const last = refused.at(-1) ?? edit;
    const stays = this.options.events.refused({
      id,
      detail,
      goneCategory: isCategoryGone ? (edit.annotation?.category_id ?? null) : null,
      server: this.server.get(id) ?? null,
      refused: edit.annotation,
      mine: madeBy(last),
      later: last === edit ? null : { editId: last.edit_id, content: last.annotation },
    });
    if (stays) this.held.set(id, refused);
    else await this.forget(refused);
  }

  private takeFromQueue(id: string): Edit[] {
    const taken = this.queue.filter((edit) => edit.annotation_id === id);
    const suspects = this.queue.slice(0, this.suspects);
    this.suspects = suspects.filter((edit) => edit.annotation_id !== id).length;
    this.queue = this.queue.filter((edit) => edit.annotation_id !== id);
    return taken;
  }

  /** Out of the journal, after their own way into it is over. */
  private async forget(edits: readonly Edit[]): Promise<void> {
    await this.written;
    try {
      await this.options.journal.remove(
        this.options.imageId,
        edits.map((edit) => edit.edit_id),
      );
    } catch {
      // They stay in the journal and are sent once more on the next visit; the server knows them by their ids.
    }
  }
}
