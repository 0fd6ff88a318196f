import type { Journal } from "./journal";
import { type Send, Sync } from "./sync";

const nobody = () => {};

/**
 * Sends what earlier visits left in the journal, of all images.
 *
 * What the server does not take as it is (a conflict, a refusal) stays there until its image is opened, since the user
 * must be told. An image that cannot be reached does not keep the others waiting.
 */
export class Outbox {
  private running: Promise<void> | null = null;

  constructor(
    readonly journal: Journal,
    readonly send: Send,
  ) {}

  /** Try each image once. */
  flush(): Promise<void> {
    this.running ??= this.sendAll().finally(() => {
      this.running = null;
    });
    return this.running;
  }

  /** Give up what waits for an image: the user says so, for example since the image is deleted. */
  async discard(imageId: number): Promise<void> {
    const edits = await this.journal.pending(imageId);
    await this.journal.remove(
      imageId,
      edits.map((edit) => edit.edit_id),
    );
  }

  private async sendAll(): Promise<void> {
    const counts = await this.journal.recount();
    await Promise.all([...counts.keys()].map((imageId) => this.sendOne(imageId)));
  }

  private async sendOne(imageId: number): Promise<void> {
    const { journal, send } = this;
    const events = {
      settled: nobody,
      conflict: nobody,
      refused: () => false,
      notJournaled: nobody,
    };
    const sync = new Sync({ imageId, journal, send, events, isOneTry: true });
    sync.detach();
    sync.load([], await journal.pending(imageId));
    await sync.idle();
  }
}
