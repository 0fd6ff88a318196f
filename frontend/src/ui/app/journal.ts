import { type Journal, memoryJournal, openJournal } from "../../editor/journal";
import { notifyInfo } from "../shared/notify";

/** One journal for the page; a browser that keeps nothing on disk gets one in memory, and is told so. */
export const journal: Promise<Journal> = openJournal().catch(() => {
  notifyInfo(
    "This browser keeps nothing on disk",
    "Edits go to the server as they are made, but those not sent yet would be lost with the tab.",
  );
  return memoryJournal();
});
