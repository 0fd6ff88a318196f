import type { StateSetting } from "../../editor/state-journal";
import { plural } from "../shared/format";

/** How many edits and states wait on this computer. */
export interface Counts {
  readonly edits: number;
  readonly states: number;
}

/** What waits, by image; that of the open image is told elsewhere. */
export function waitingOf(
  edits: ReadonlyMap<number, number>,
  states: ReadonlyMap<number, StateSetting>,
  openImage: number | null,
): ReadonlyMap<number, Counts> {
  const ids = new Set([...edits.keys(), ...states.keys()]);
  return new Map(
    [...ids]
      .filter((id) => id !== openImage)
      .map((id) => [id, { edits: edits.get(id) ?? 0, states: states.has(id) ? 1 : 0 }]),
  );
}

export function sum(counts: Iterable<Counts>): Counts {
  let [edits, states] = [0, 0];
  for (const one of counts) {
    edits += one.edits;
    states += one.states;
  }
  return { edits, states };
}

/** "2 edits", "1 state", "2 edits and 1 state". */
export function inWords({ edits, states }: Counts): string {
  const parts = [edits > 0 && plural(edits, "edit"), states > 0 && plural(states, "state")];
  return parts.filter(Boolean).join(" and ");
}
