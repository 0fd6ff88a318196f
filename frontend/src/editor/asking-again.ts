import { startOf } from "./prompt";
import type { Proposals } from "./proposals";
import type { ProposalSettings } from "./settings";

/** How long the user must rest on an option before the engine is asked again. */
export const REST_MS = 200;

/**
 * Ask again whenever the engine or its options are no longer those of the proposal that is shown.
 *
 * @returns stops it
 */
export function askAgainWhenSet(
  proposals: Proposals,
  { choice, options }: ProposalSettings,
): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const relevant = () => {
    const state = proposals.state.get();
    if (!state) return [];
    const engine = choice.get()[startOf(state.prompt)];
    return [engine, options.get()[engine]];
  };
  let known: readonly unknown[] = [];
  const note = () => {
    known = relevant();
    if (known.length === 0) clearTimeout(timer);
  };
  const compare = () => {
    const now = relevant();
    if (now.every((part, i) => part === known[i])) return;
    known = now;
    clearTimeout(timer);
    timer = setTimeout(() => void proposals.again(), REST_MS);
  };
  const stops = [
    proposals.state.subscribe(note),
    choice.subscribe(compare),
    options.subscribe(compare),
  ];
  return () => {
    clearTimeout(timer);
    for (const stop of stops) stop();
  };
}
