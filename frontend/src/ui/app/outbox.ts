import { useEffect, useState } from "react";
import type { Session } from "../../api/client";
import { sendEdits } from "../../api/edits";
import { memoryJournal, openJournal } from "../../editor/journal";
import { Outbox } from "../../editor/outbox";
import { useSession } from "../queries";
import { notifyInfo } from "../shared/notify";
import { isAnyOutlineUnkept } from "./outlines";
import { isSignedOut } from "./session";

const BETWEEN_TRIES_MS = 30_000;

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

/** The outbox of who is signed in; it sends leftovers as long as a page is open. */
export function useOutbox(): Outbox | null {
  const { data: session } = useSession();
  const [outbox, setOutbox] = useState<Outbox | null>(null);
  useEffect(() => {
    if (!session) return;
    let isGone = false;
    void outboxOf(session).then((opened) => {
      if (!isGone) setOutbox(opened);
    });
    return () => {
      isGone = true;
      setOutbox(null);
    };
  }, [session]);
  return outbox;
}

/** Send what is left, now and whenever there is hope; and ask before the page is closed over what only it holds. */
export function useSending(outbox: Outbox | null): void {
  useEffect(() => {
    if (!outbox) return;
    const flush = () => void outbox.flush();
    const guard = (event: BeforeUnloadEvent) => {
      if (outbox.journal.unkept.get() > 0 || isAnyOutlineUnkept()) event.preventDefault();
    };
    flush();
    const timer = setInterval(flush, BETWEEN_TRIES_MS);
    window.addEventListener("online", flush);
    window.addEventListener("beforeunload", guard);
    return () => {
      clearInterval(timer);
      window.removeEventListener("online", flush);
      window.removeEventListener("beforeunload", guard);
    };
  }, [outbox]);
}
