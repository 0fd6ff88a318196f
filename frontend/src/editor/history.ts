import type { Change } from "./store";

/** What one gesture or command did. */
export interface Step {
  readonly name: string;
  readonly changes: readonly Change[];
}

const LONGEST = 1000;

function inverse({ id, before, after }: Change): Change {
  return { id, before: after, after: before };
}

/** Undo and redo of the open image's steps. It applies nothing: it says which changes to apply. */
export class History {
  private done: readonly Step[] = [];
  private undone: readonly Step[] = [];

  get undoable(): Step | null {
    return this.done.at(-1) ?? null;
  }

  get redoable(): Step | null {
    return this.undone.at(-1) ?? null;
  }

  push(step: Step): void {
    this.done = [...this.done, step].slice(-LONGEST);
    this.undone = [];
  }

  undo(): readonly Change[] {
    const step = this.undoable;
    if (!step) return [];
    this.done = this.done.slice(0, -1);
    this.undone = [...this.undone, step];
    return step.changes.map(inverse).reverse();
  }

  redo(): readonly Change[] {
    const step = this.redoable;
    if (!step) return [];
    this.undone = this.undone.slice(0, -1);
    this.done = [...this.done, step];
    return step.changes;
  }

  /** Drop the steps that touch an annotation: after a conflict, to undo them would overwrite another's work. */
  forget(id: string): void {
    const kept = (step: Step) => step.changes.every((change) => change.id !== id);
    this.done = this.done.filter(kept);
    this.undone = this.undone.filter(kept);
  }
}
