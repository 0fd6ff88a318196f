import type { BoxXYXY } from "../geometry/boxes";
import { type Annotation, type AnnotationContent, measured } from "./annotation";
import { AnnotationIndex, byZOrder } from "./annotation-index";

/** One annotation before and after: null where there is none. */
export interface Change {
  readonly id: string;
  readonly before: AnnotationContent | null;
  readonly after: AnnotationContent | null;
}

/** What became of one annotation of the store. */
export interface Replacement {
  readonly before: Annotation | undefined;
  readonly after: Annotation | undefined;
}

/** More changes than this at once are sorted in together; fewer are put in one by one. */
const MANY = 100;

/** Where an annotation stands, or would, among sorted ones. */
function placeOf(sorted: readonly Annotation[], annotation: Annotation): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (byZOrder(sorted[middle] as Annotation, annotation) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * The annotations of the open image.
 *
 * `all` is one array, lowest z-order first, made anew at a change and never altered, so it serves as React's snapshot.
 */
export class AnnotationStore {
  private readonly byId = new Map<string, Annotation>();
  private readonly index: AnnotationIndex;
  private sorted: readonly Annotation[];
  private readonly listeners = new Set<() => void>();
  private readonly watchers = new Set<(replacements: readonly Replacement[]) => void>();

  constructor(annotations: Iterable<Annotation> = []) {
    for (const annotation of annotations) this.byId.set(annotation.id, annotation);
    this.index = new AnnotationIndex(this.byId.values());
    this.sorted = [...this.byId.values()].sort(byZOrder);
  }

  readonly all = (): readonly Annotation[] => this.sorted;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
    };
  };

  /** Be told which annotations changed, before those who `subscribe`. */
  watch(watcher: (replacements: readonly Replacement[]) => void): () => void {
    this.watchers.add(watcher);
    return () => {
      this.watchers.delete(watcher);
    };
  }

  get(id: string): Annotation | undefined {
    return this.byId.get(id);
  }

  /** Those whose boxes touch the box, in no order. */
  touching(box: BoxXYXY): Annotation[] {
    return this.index.touching(box);
  }

  apply(changes: readonly Change[]): void {
    this.publish(
      changes.map(({ id, after }) =>
        this.put(id, after ? measured(id, after, this.byId.get(id)) : undefined),
      ),
    );
  }

  /** Take the server's version as it is; null: it is deleted there. */
  replace(id: string, annotation: Annotation | null): void {
    this.publish([this.put(id, annotation ?? undefined)]);
  }

  /** A z-order above all others. */
  nextZOrder(): number {
    return (this.sorted.at(-1)?.z_order ?? 0) + 1;
  }

  private put(id: string, after: Annotation | undefined): Replacement {
    const before = this.byId.get(id);
    if (after) {
      this.byId.set(id, after);
      this.index.add(after);
    } else {
      this.byId.delete(id);
      this.index.remove(id);
    }
    return { before, after };
  }

  private publish(replacements: readonly Replacement[]): void {
    this.sorted = this.resorted(replacements);
    for (const watcher of [...this.watchers]) watcher(replacements);
    for (const listener of [...this.listeners]) listener();
  }

  private resorted(replacements: readonly Replacement[]): readonly Annotation[] {
    if (replacements.length > MANY) return [...this.byId.values()].sort(byZOrder);
    const sorted = [...this.sorted];
    for (const { before, after } of replacements) {
      if (before) sorted.splice(placeOf(sorted, before), 1);
      if (after) sorted.splice(placeOf(sorted, after), 0, after);
    }
    return sorted;
  }
}
