import type { AnnotationContent } from "./annotation";
import type { Step, Steps } from "./history";
import { isSameContent } from "./same-content";
import type { Change } from "./store";

export interface Now {
  /** An annotation as it is now; null when there is none. */
  readonly contentOf: (id: string) => AnnotationContent | null;
  /** Categories may be deleted, and with them what a step would bring back. */
  readonly hasCategory: (id: number) => boolean;
}

/** Walk from now through the steps, nearest first, and keep those that lead on from what is there. */
function walk(nearestFirst: readonly Step[], now: Now, back: boolean): Step[] {
  const known = new Map<string, AnnotationContent | null>();
  const lost = new Set<string>();
  const kept: Step[] = [];
  for (const step of nearestFirst) {
    const changes = back ? [...step.changes].reverse() : step.changes;
    const after = new Map(known);
    const fits = (change: Change) => {
      const { id } = change;
      const [from, to] = back ? [change.after, change.before] : [change.before, change.after];
      const current = after.has(id) ? (after.get(id) ?? null) : now.contentOf(id);
      after.set(id, to);
      const isPossible = to === null || now.hasCategory(to.category_id);
      return !lost.has(id) && isPossible && isSameContent(from, current);
    };
    if (changes.every(fits)) {
      for (const [id, content] of after) known.set(id, content);
      kept.push(step);
    } else {
      // What lies beyond a step that is left out cannot be reached either.
      for (const { id } of step.changes) lost.add(id);
    }
  }
  return kept;
}

/** The steps that can still be undone and redone: the annotations they touch are as the steps left them. */
export function fittingSteps({ done, undone }: Steps, now: Now): Steps {
  return {
    done: walk([...done].reverse(), now, true).reverse(),
    undone: walk([...undone].reverse(), now, false).reverse(),
  };
}
