import type { SyncStatus } from "../../editor/sync";
import { formatCount, plural } from "../shared/format";

interface Words {
  /** Always shown. */
  readonly text: string;
  /** Shown when pointed at. */
  readonly note: string;
}

/** Where the open image's own state is (done, skipped) that the server has not got; "tab": nowhere but in this one. */
export type StateOnItsWay = "sending" | "kept" | "tab";

const QUIET: Readonly<Record<Exclude<SyncStatus["state"], "offline" | "held">, Words>> = {
  saved: { text: "Saved", note: "Every edit is on the server." },
  saving: { text: "Saving…", note: "Edits are on their way to the server." },
  conflict: { text: "Conflict", note: "Somebody else changed the same annotation." },
};

const STATE: Readonly<Record<StateOnItsWay, Words & Pick<SyncStatus, "state">>> = {
  sending: { state: "saving", text: "Saving…", note: "The image's state is on its way." },
  kept: {
    state: "offline",
    text: "Not sent — the image's state is kept on this computer",
    note: "The server does not take it now. It is sent as soon as the server does, also at your next visit.",
  },
  tab: {
    state: "offline",
    text: "Not sent — the image's state is in this tab only",
    note: "This computer's disk took no copy of it, so it would be lost with this tab: leave it open, and free some space.",
  },
};

/**
 * Where the edits are, in words.
 *
 * @param unkept edits that this computer's disk did not take: they are nowhere but in this tab
 * @param own where the image's state is; null: on the server
 */
export function saveWords(
  { state, pending, title, note }: SyncStatus,
  unkept: number,
  own: StateOnItsWay | null = null,
): Words & Pick<SyncStatus, "state"> {
  if (state === "held") {
    return {
      state,
      text: `${plural(pending, "outline")} not stored`,
      note: "Their category was deleted elsewhere. They are kept on this computer, and stored as soon as you give them another one.",
    };
  }
  if (state === "saved" && own) return STATE[own];
  if (state !== "offline") return { state, ...QUIET[state] };
  const why = title ?? "Offline";
  const said = note
    ? `The server says: ${note} The edits are kept and sent again.`
    : "The server does not answer. The edits are sent as soon as it does; you can go on drawing.";
  const edits = plural(pending, "edit");
  if (unkept === 0) {
    const all = own === "kept" ? `${edits} and the image's state` : edits;
    return { state, text: `${why} — ${all} kept on this computer`, note: said };
  }
  const atRisk =
    "This computer's disk took no copy of them, so they would be lost with this tab: leave it open, and free some space.";
  return {
    state,
    text: `${why} — ${formatCount(unkept)} of ${edits} in this tab only`,
    note: `${atRisk} ${said}`,
  };
}
