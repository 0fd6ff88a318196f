import type { SyncStatus } from "../../editor/sync";
import { formatCount, plural } from "../shared/format";

interface Words {
  /** Always shown. */
  readonly text: string;
  /** Shown when pointed at. */
  readonly note: string;
}

const QUIET: Readonly<Record<Exclude<SyncStatus["state"], "offline" | "held">, Words>> = {
  saved: { text: "Saved", note: "Every edit is on the server." },
  saving: { text: "Saving…", note: "Edits are on their way to the server." },
  conflict: { text: "Conflict", note: "Somebody else changed the same annotation." },
};

/**
 * Where the edits are, in words.
 *
 * @param unkept edits that this computer's disk did not take: they are nowhere but in this tab
 */
export function saveWords({ state, pending, title, note }: SyncStatus, unkept: number): Words {
  if (state === "held") {
    return {
      text: `${plural(pending, "outline")} not stored`,
      note: "Their category was deleted elsewhere. They are kept on this computer, and stored as soon as you give them another one.",
    };
  }
  if (state !== "offline") return QUIET[state];
  const why = title ?? "Offline";
  const said = note
    ? `The server says: ${note} The edits are kept and sent again.`
    : "The server does not answer. The edits are sent as soon as it does; you can go on drawing.";
  if (unkept === 0)
    return { text: `${why} — ${plural(pending, "edit")} kept on this computer`, note: said };
  const atRisk =
    "This computer's disk took no copy of them, so they would be lost with this tab: leave it open, and free some space.";
  return {
    text: `${why} — ${formatCount(unkept)} of ${plural(pending, "edit")} in this tab only`,
    note: `${atRisk} ${said}`,
  };
}
