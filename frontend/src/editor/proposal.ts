import type { Polygons } from "../geometry/polygons";
import type { RLE } from "../geometry/rle";
import type { Segmentation } from "./annotation";
import type { Detail } from "./detail";
import type { Prompt } from "./prompt";

export interface Simplification {
  readonly tolerance_px: number;
  readonly iou: number;
  readonly vertices: number;
}

export interface Simplified extends Simplification {
  readonly polygons: Polygons;
}

/** What an engine answered. */
export interface Proposal {
  readonly polygons: Polygons;
  /** The engine's mask, of which the polygons are the simplified outline. */
  readonly rle: RLE;
  readonly simplification: Simplification;
  readonly engine: string;
  readonly score: number;
  readonly elapsed_ms: number;
  readonly fallback: string | null;
}

/** An answer and what was made of it. */
export interface Candidate {
  /** What was chosen to be asked: an engine, or `auto`. */
  readonly choice: string;
  /** In the clock's milliseconds; which of two was first. */
  readonly askedAt: number;
  readonly answer: Proposal;
  readonly detail: Detail;
  /** As shown, and accepted: in that detail, or changed by hand. */
  readonly segmentation: Segmentation;
  readonly isChanged: boolean;
  /** What was to be corrected when it was asked for. */
  readonly present: Segmentation | null;
}

export interface RunningProposal {
  readonly kind: "running";
  readonly prompt: Prompt;
  readonly choice: string;
  readonly startedAt: number;
  readonly present: Segmentation | null;
  /** What is shown until the answer comes, and again when none does. */
  readonly before: ReadyProposal | null;
}

/** Of the proposal that is shown with another engine's. */
export interface Comparison {
  /** What was set to be compared with. */
  readonly compareWith: string;
  readonly startedAt: number;
  /** The proposal that is not shown; null while the engine works. */
  readonly other: Candidate | null;
}

export interface ReadyProposal {
  readonly kind: "ready";
  readonly prompt: Prompt;
  readonly shown: Candidate;
  readonly comparison: Comparison | null;
  /** Before the user's last mark or change by hand. */
  readonly earlier: ReadyProposal | null;
}

export type ProposalState = RunningProposal | ReadyProposal;

/** The proposal that is on the screen, running or ready. */
export function shownOf(state: ProposalState | null): ReadyProposal | null {
  return state?.kind === "running" ? state.before : state;
}

/** What a mark is to correct: the engine's mask or, changed by hand, what was made of it. */
export function presentOf({ isChanged, segmentation, answer }: Candidate): Segmentation {
  return isChanged ? segmentation : answer.rle;
}

/** What undo goes back to when a proposal is replaced: only changes by hand are worth it. */
export function kept(state: ReadyProposal): ReadyProposal | null {
  return state.shown.isChanged ? state : state.earlier;
}

/** Without a comparison whose engine is not waited for any more. */
export function settled(state: ReadyProposal): ReadyProposal {
  return state.comparison && !state.comparison.other ? { ...state, comparison: null } : state;
}
