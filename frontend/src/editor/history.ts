import type { AnnotationContent } from "./annotation";
import { isSameContent } from "./same-content";
import type { Change } from "./store";

/** What one gesture or command did. */
export interface Step {
  readonly name: string;
  readonly changes: readonly Change[];
}

export interface Steps {
  /** The first one done first. */
  readonly done: readonly Step[];
  /** The last one is the next to redo. */
  readonly undone: readonly Step[];
}

/** Keeps an image's steps for the next visit; what it cannot keep is only forgotten. */
export interface StepKeeper {
  push(step: Step): void;
  undo(): void;
  redo(): void;
  replace(steps: Steps): void;
}

const KEEPS_NOTHING: StepKeeper = { push() {}, undo() {}, redo() {}, replace() {} };
const LONGEST = 1000;

function inverse({ id, before, after }: Change): Change {
  return { id, before: after, after: before };
}

/** Undo and redo of the open image's steps. It applies nothing: it says which changes to apply. */
export class History {
  private done: readonly Step[] = [];
  private undone: readonly Step[] = [];

  constructor(private readonly keeper = KEEPS_NOTHING) {}

  get undoable(): Step | null {
    return this.done.at(-1) ?? null;
  }

  get redoable(): Step | null {
    return this.undone.at(-1) ?? null;
  }

  push(step: Step): void {
    this.done = [...this.done, step].slice(-LONGEST);
    this.undone = [];
    this.keeper.push(step);
  }

  /** What undo would change. */
  get back(): readonly Change[] {
    return this.undoable?.changes.map(inverse).reverse() ?? [];
  }

  /** What redo would change. */
  get forth(): readonly Change[] {
    return this.redoable?.changes ?? [];
  }

  undo(): readonly Change[] {
    const step = this.undoable;
    if (!step) return [];
    const { back } = this;
    this.done = this.done.slice(0, -1);
    this.undone = [...this.undone, step];
    this.keeper.undo();
    return back;
  }

  redo(): readonly Change[] {
    const step = this.redoable;
    if (!step) return [];
    this.undone = this.undone.slice(0, -1);
    this.done = [...this.done, step];
    this.keeper.redo();
    return step.changes;
  }

  /** The last step that did this change, and others. */
  withOthers(id: string, after: AnnotationContent | null): Step | null {
    const did = ({ changes }: Step) =>
      changes.length > 1 && changes.some((one) => one.id === id && isSameContent(one.after, after));
    return this.done.findLast(did) ?? null;
  }

  /** Drop the steps that touch an annotation: after a conflict, to undo them would overwrite another's work. */
  forget(id: string): void {
    const kept = (step: Step) => step.changes.every((change) => change.id !== id);
    this.restore({ done: this.done.filter(kept), undone: this.undone.filter(kept) });
  }

  /** These steps and no others. */
  restore(steps: Steps): void {
    this.done = steps.done;
    this.undone = steps.undone;
    this.keeper.replace(steps);
  }
}
