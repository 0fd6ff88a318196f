import type { Editor } from "./editor";
import type { Toolbox } from "./toolbox";

/** From when on, and until when, to go once more means to leave without what is open. */
const READ_MS = 400;
const FORGOTTEN_MS = 10_000;

/** What the user is at and has not finished: what a gesture draws, or a proposal. */
export class Unfinished {
  /** What was told to be open when the image was to be left, and when. */
  private told: { readonly what: object; readonly at: number } | null = null;

  constructor(
    private readonly editor: Editor,
    private readonly toolbox: Toolbox,
  ) {}

  get isAny(): boolean {
    return this.now !== null;
  }

  /** Whether it forbids what cannot go on beside it; if so, the user is told. */
  forbids(): boolean {
    if (this.isAny) this.tell("Finish it first, or drop it.");
    return this.isAny;
  }

  /**
   * Whether the image may be left. The user is told what is open, and who goes once more, after having had the time to
   * read it, leaves without it. Nothing is finished for the user: a part of an outline would be a wrong annotation.
   */
  mayLeave(): boolean {
    const { now, told } = this;
    if (now === null) return true;
    const since = Date.now() - (told?.at ?? 0);
    if (now === told?.what && since < FORGOTTEN_MS) return since >= READ_MS;
    this.told = { what: now, at: Date.now() };
    this.tell("Finish it first, or go once more to leave without it.");
    return false;
  }

  private get now(): object | null {
    return this.toolbox.drawing ?? this.editor.proposals.state.get();
  }

  private tell(detail: string): void {
    const title = this.toolbox.drawing ? "You are still drawing" : "A proposal is open";
    this.editor.notify({ kind: "info", title, detail });
  }
}
