import type { Journal } from "./journal";
import { type Send, Sync } from "./sync";

/**
 * Send what earlier visits left in the journal, of all images.
 *
 * What the server does not take as it is (a conflict, a refusal) stays there until its image is opened, since the user
 * must be told.
 */
export async function sendLeftovers(journal: Journal, send: Send): Promise<void> {
  const nobody = () => {};
  for (const imageId of await journal.imagesWithPending()) {
    const events = { settled: nobody, conflict: nobody, refused: nobody, notJournaled: nobody };
    const sync = new Sync({ imageId, journal, send, events });
    sync.detach();
    sync.load([], await journal.pending(imageId));
    await sync.idle();
  }
}
