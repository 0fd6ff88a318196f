import type { Editor } from "./editor";
import type { Toolbox } from "./toolbox";

/** What the user is at and has not finished: what a gesture draws, or a proposal. */
export class Unfinished {
  /** What was told to be open when the image was to be left. */
  private told: object | null = null;

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
   * Whether the image may be left. An outline is closed, where it can be, as if the user had closed it. Else the user is
   * told what is open, and who goes once more leaves without it.
   */
  mayLeave(): boolean {
    this.toolbox.feedCommand("accept");
    const { now } = this;
    if (now === null || now === this.told) return true;
    this.told = now;
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
