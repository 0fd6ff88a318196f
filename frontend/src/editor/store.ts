import { type Annotation, type AnnotationContent, measured } from "./annotation";

/** One annotation before and after: null where there is none. */
export interface Change {
  readonly id: string;
  readonly before: AnnotationContent | null;
  readonly after: AnnotationContent | null;
}

/**
 * The annotations of the open image.
 *
 * `all` is one array, lowest z-order first, made anew at a change and never altered, so it serves as React's snapshot.
 */
export class AnnotationStore {
  private readonly byId = new Map<string, Annotation>();
  private sorted: readonly Annotation[] = [];
  private readonly listeners = new Set<() => void>();

  constructor(annotations: Iterable<Annotation> = []) {
    for (const annotation of annotations) this.byId.set(annotation.id, annotation);
    this.sort();
  }

  readonly all = (): readonly Annotation[] => this.sorted;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
    };
  };

  get(id: string): Annotation | undefined {
    return this.byId.get(id);
  }

  apply(changes: readonly Change[]): void {
    for (const { id, after } of changes) {
      if (after) this.byId.set(id, measured(id, after, this.byId.get(id)));
      else this.byId.delete(id);
    }
    this.publish();
  }

  /** Take the server's version as it is; null: it is deleted there. */
  replace(id: string, annotation: Annotation | null): void {
    if (annotation) this.byId.set(id, annotation);
    else this.byId.delete(id);
    this.publish();
  }

  /** A z-order above all others. */
  nextZOrder(): number {
    return (this.sorted.at(-1)?.z_order ?? 0) + 1;
  }

  private publish(): void {
    this.sort();
    for (const listener of [...this.listeners]) listener();
  }

  private sort(): void {
    // The id breaks ties, so that two browsers draw the same order.
    this.sorted = [...this.byId.values()].sort(
      (a, b) => a.z_order - b.z_order || (a.id < b.id ? -1 : 1),
    );
  }
}
