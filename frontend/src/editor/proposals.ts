import type { BoxXYXY } from "../geometry/boxes";
import type { Polygons } from "../geometry/polygons";
import { Signal } from "./signal";

/** What an engine answered. */
export interface Proposal {
  readonly polygons: Polygons;
  readonly engine: string;
  readonly score: number;
  readonly elapsed_ms: number;
  readonly fallback: string | null;
}

export interface RunningProposal {
  readonly kind: "running";
  readonly box: BoxXYXY;
  readonly startedAt: number;
}

export interface ReadyProposal extends Proposal {
  readonly kind: "ready";
  /** The polygons before each of the user's changes, so that these can be undone one by one. */
  readonly earlier: readonly Polygons[];
}

export type Propose = (box: BoxXYXY, signal: AbortSignal) => Promise<Proposal>;

/** At most one proposal: asked for, shown as a draft, changed, and then accepted or dropped. */
export class Proposals {
  readonly state = new Signal<RunningProposal | ReadyProposal | null>(null);
  private abort: AbortController | null = null;

  constructor(
    private readonly propose: Propose,
    private readonly failed: (error: unknown) => void,
    private readonly now: () => number = () => performance.now(),
  ) {}

  async request(box: BoxXYXY): Promise<void> {
    this.drop();
    const abort = new AbortController();
    this.abort = abort;
    this.state.set({ kind: "running", box, startedAt: this.now() });
    try {
      const proposal = await this.propose(box, abort.signal);
      if (!abort.signal.aborted) this.state.set({ kind: "ready", ...proposal, earlier: [] });
    } catch (error) {
      if (abort.signal.aborted) return;
      this.state.set(null);
      this.failed(error);
    }
  }

  change(polygons: Polygons): void {
    const state = this.state.get();
    if (state?.kind !== "ready") return;
    this.state.set({ ...state, polygons, earlier: [...state.earlier, state.polygons] });
  }

  /** Show changed polygons while a vertex is dragged; `change` or `show` of the old ones ends it. */
  show(polygons: Polygons): void {
    const state = this.state.get();
    if (state?.kind === "ready") this.state.set({ ...state, polygons });
  }

  /** Take back the last change; with none, the proposal itself. */
  undo(): void {
    const state = this.state.get();
    const before = state?.kind === "ready" ? state.earlier.at(-1) : undefined;
    if (state?.kind === "ready" && before) {
      this.state.set({ ...state, polygons: before, earlier: state.earlier.slice(0, -1) });
    } else this.drop();
  }

  /** Hand out the proposal, which is then no draft any more. */
  take(): ReadyProposal | null {
    const state = this.state.get();
    if (state?.kind !== "ready") return null;
    this.state.set(null);
    return state;
  }

  drop(): void {
    this.abort?.abort();
    this.abort = null;
    this.state.set(null);
  }
}
