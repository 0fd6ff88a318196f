import type { BoxXYXY } from "../geometry/boxes";
import type { Polygons } from "../geometry/polygons";
import type { Segmentation } from "./annotation";
import { type Asked, AUTO, ask, otherEngine } from "./asking";
import { Details, ownDetail, type Simplify } from "./detail";
import { type Mark, type Prompt, startOf } from "./prompt";
import {
  type Candidate,
  type Comparison,
  kept,
  type Proposal,
  type ProposalState,
  presentOf,
  type ReadyProposal,
  settled,
  shownOf,
} from "./proposal";
import type { ProposalSettings } from "./settings";
import { Signal } from "./signal";

export type Propose = (asked: Asked, signal: AbortSignal) => Promise<Proposal>;

export interface ProposalPorts {
  readonly propose: Propose;
  readonly simplify: Simplify;
  /** Told what did not happen, and why. */
  readonly failed: (what: string, error: unknown) => void;
  readonly settings: ProposalSettings;
  readonly now?: () => number;
}

const NOT_SIMPLIFIED = "The outline was not simplified";

/** Has any step that led here been changed by hand? Asking anew from the box would lose that. */
function hasHandWork(state: ReadyProposal): boolean {
  for (let step = state; ; step = step.earlier) {
    if (step.shown.isChanged) return true;
    if (!step.earlier || !isOfSame(step.earlier, state.prompt)) return false;
  }
}

/** Whether a proposal answers an earlier form of this prompt, and not one that was begun anew. */
function isOfSame({ prompt }: ReadyProposal, { box }: Prompt): boolean {
  return prompt.box === box;
}

/** At most one proposal: asked for, shown as a draft, corrected, changed, and then accepted or dropped. */
export class Proposals {
  readonly state = new Signal<ProposalState | null>(null);
  /** The engine that the tool in hand asks, whatever is chosen; null: the chosen one. */
  fixed: string | null = null;
  private readonly details: Details;
  private readonly now: () => number;
  private abort = new AbortController();
  /** Answers of which the user set the detail. */
  private readonly tuned = new WeakSet<Proposal>();

  constructor(private readonly ports: ProposalPorts) {
    this.details = new Details(ports.simplify);
    this.now = ports.now ?? (() => performance.now());
  }

  /** Ask for something new. A proposal that was worked on stays shown until then, and undo goes back to it. */
  request(box: BoxXYXY): Promise<void> {
    const shown = shownOf(this.state.get());
    return this.ask({ box, marks: [] }, shown && this.isWorkedOn(shown) ? shown : null, null);
  }

  /** Ask again with a point or a stroke more, which may also be the first. */
  mark(mark: Mark): Promise<void> {
    const state = this.state.get();
    const { box, marks } = state?.prompt ?? { box: null, marks: [] };
    const prompt = { box, marks: [...marks, mark] };
    if (state?.kind === "running") {
      return this.ask(prompt, state.before, state.present, state.choice);
    }
    return this.ask(prompt, state, state && presentOf(state.shown), state?.shown.choice);
  }

  /** Ask the same again: the engine or its options are others now. */
  again(): Promise<void> {
    const state = this.state.get();
    if (!state) return Promise.resolve();
    const { prompt } = state;
    if (state.kind === "running") return this.ask(prompt, state.before, state.present);
    return this.ask(prompt, state, state.shown.present, undefined, !hasHandWork(state));
  }

  /** Ask the engine to compare with; then show its proposal, and the first one again. */
  async compare(): Promise<void> {
    const state = this.state.get();
    if (state?.kind !== "ready") return;
    const { compareWith } = this.ports.settings.choice.get();
    const { shown, comparison, prompt } = state;
    if (comparison?.compareWith === compareWith) {
      const { other } = comparison;
      if (other) {
        this.state.set({ ...state, shown: other, comparison: { ...comparison, other: shown } });
      }
      return;
    }
    const { signal } = this.abort;
    const begun = { compareWith, startedAt: this.now(), other: null };
    const update = (comparison: Comparison | null) => {
      const now = this.state.get();
      if (now?.kind === "ready" && !signal.aborted) this.state.set({ ...now, comparison });
    };
    update(begun);
    try {
      const { engines } = this.ports.settings;
      const name = otherEngine(compareWith, shown, prompt, engines.get());
      update({
        ...begun,
        other: await this.candidate(name, prompt, shown.present, signal, !hasHandWork(state)),
      });
    } catch (error) {
      if (signal.aborted) return;
      update(null);
      this.ports.failed("Nothing to compare with", error);
    }
  }

  /** Keep more or less detail of the engine's mask, now and in the proposals to come. */
  async setDetail(factor: number): Promise<void> {
    const { settings, failed } = this.ports;
    settings.detail.set(factor);
    const asked = this.state.get();
    if (asked?.kind !== "ready") return;
    this.tuned.add(asked.shown.answer);
    try {
      const detail = await this.details.of(asked.shown.answer, factor);
      const state = this.state.get();
      // The slider has moved on, or another proposal is shown.
      if (settings.detail.get() !== factor || state?.kind !== "ready") return;
      if (state.shown.answer !== asked.shown.answer) return;
      const { segmentation } = detail;
      const shown = { ...state.shown, detail, segmentation, isChanged: false };
      this.state.set({ ...state, shown, earlier: kept(state) });
    } catch (error) {
      if (settings.detail.get() === factor) settings.detail.set(asked.shown.detail.factor);
      failed(NOT_SIMPLIFIED, error);
    }
  }

  change(polygons: Polygons): void {
    const state = this.state.get();
    if (state?.kind !== "ready") return;
    const shown = { ...state.shown, segmentation: polygons, isChanged: true };
    this.state.set({ ...state, shown, earlier: state });
  }

  /** Show changed polygons while a vertex is dragged; `change` or `show` of the old ones ends it. */
  show(polygons: Polygons): void {
    const state = this.state.get();
    if (state?.kind !== "ready") return;
    this.state.set({ ...state, shown: { ...state.shown, segmentation: polygons } });
  }

  /** Take back the last mark or change; with none, the proposal itself. */
  undo(): Promise<void> {
    const state = this.state.get();
    if (state?.kind === "running") {
      const marks = state.prompt.marks.slice(0, -1);
      // Of several marks that wait for one answer only the last is taken back.
      const { before } = state;
      if (
        marks.length > (before && isOfSame(before, state.prompt) ? before.prompt.marks.length : 0)
      ) {
        return this.ask({ ...state.prompt, marks }, state.before, state.present, state.choice);
      }
      this.cancel();
      return Promise.resolve();
    }
    const earlier = state?.earlier ?? null;
    this.drop();
    this.state.set(earlier && settled(earlier));
    return Promise.resolve();
  }

  /** Give up what runs, and show what was shown before. */
  cancel(): void {
    const state = this.state.get();
    this.drop();
    if (state?.kind === "running") this.state.set(state.before);
  }

  /** Hand out the proposal, which is then no draft any more. */
  take(): Candidate | null {
    const state = this.state.get();
    if (state?.kind !== "ready") return null;
    this.drop();
    return state.shown;
  }

  drop(): void {
    this.abort.abort();
    this.abort = new AbortController();
    this.state.set(null);
  }

  private isWorkedOn({ prompt, shown, earlier }: ReadyProposal): boolean {
    const { isChanged, answer } = shown;
    return isChanged || earlier !== null || prompt.marks.length > 0 || this.tuned.has(answer);
  }

  private async ask(
    prompt: Prompt,
    before: ReadyProposal | null,
    present: Segmentation | null,
    choice = this.fixed ?? this.ports.settings.choice.get()[startOf(prompt)],
    isAnew = false,
  ): Promise<void> {
    this.abort.abort();
    this.abort = new AbortController();
    const { signal } = this.abort;
    // Nothing is compared any more with what is about to be replaced.
    const shown = before && settled(before);
    const startedAt = this.now();
    this.state.set({ kind: "running", prompt, choice, startedAt, present, before: shown });
    try {
      const candidate = await this.candidate(choice, prompt, present, signal, isAnew);
      if (signal.aborted) return;
      const isStep =
        shown !== null &&
        (!isOfSame(shown, prompt) || shown.prompt.marks.length < prompt.marks.length);
      const earlier = isStep ? shown : shown && kept(shown);
      this.state.set({
        kind: "ready",
        prompt,
        shown: candidate,
        comparison: null,
        earlier,
      });
    } catch (error) {
      if (signal.aborted) return;
      this.state.set(shown);
      this.ports.failed("No proposal", error);
    }
  }

  private async candidate(
    choice: string,
    prompt: Prompt,
    present: Segmentation | null,
    signal: AbortSignal,
    isAnew: boolean,
  ): Promise<Candidate> {
    const { propose, settings, failed } = this.ports;
    const askedAt = this.now();
    const asked = ask(choice, prompt, present, settings.engines.get(), isAnew);
    const options = asked.engine === AUTO ? {} : (settings.options.get()[asked.engine] ?? {});
    const answer = await propose({ ...asked, options }, signal);
    const detail = await this.details.of(answer, settings.detail.get()).catch((error) => {
      if (!signal.aborted) failed(NOT_SIMPLIFIED, error);
      return ownDetail(answer);
    });
    const { segmentation } = detail;
    return { choice, askedAt, answer, detail, segmentation, isChanged: false, present };
  }
}
