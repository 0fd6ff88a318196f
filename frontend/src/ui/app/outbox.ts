import type { Session } from "../../api/client";
import { sendEdits } from "../../api/edits";
import { memoryJournal, openJournal } from "../../editor/journal";
import { Outbox } from "../../editor/outbox";
import { notifyInfo } from "../shared/notify";
import { isSignedOut } from "./session";

const outboxes = new Map<string, Promise<Outbox>>();

async function openOutbox(name: string): Promise<Outbox> {
  const journal = await openJournal(name).catch(() => {
    notifyInfo(
      "This browser keeps nothing on disk",
      "Edits go to the server as they are made, but those not sent yet would be lost with the tab.",
    );
    return memoryJournal();
  });
  return new Outbox(journal, async (imageId, edits) => {
    const outcome = await sendEdits(imageId, edits);
    if (outcome.kind === "signed-out") isSignedOut.set(true);
    return outcome;
  });
}

/** One for each server and user: ids of images mean something else on another server, and edits are somebody's. */
export function outboxOf({ instance, id }: Session): Promise<Outbox> {
  const name = `segmentarium-${instance}-${id}`;
  const outbox = outboxes.get(name) ?? openOutbox(name);
  outboxes.set(name, outbox);
  return outbox;
}
