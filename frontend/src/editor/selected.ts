import type { Annotation } from "./annotation";
import { Signal } from "./signal";
import type { AnnotationStore } from "./store";

const NOBODY: ReadonlySet<string> = new Set();

/** What is selected: one annotation that leads, and others beside it for what works on several. */
export class Selected {
  readonly first = new Signal<string | null>(null);
  readonly others = new Signal<ReadonlySet<string>>(NOBODY);
  /** What was drawn last, or selected when a tool was taken up that works on nothing selected. */
  work: string | null = null;

  constructor(private readonly annotations: AnnotationStore) {}

  set(id: string | null): void {
    this.others.set(NOBODY);
    this.first.set(id);
  }

  /** One more beside the first, or one less; when the first one goes, the next leads. */
  toggle(id: string): void {
    const first = this.first.get();
    const others = new Set(this.others.get());
    if (first === null) this.set(id);
    else if (first === id) {
      const [next = null, ...rest] = others;
      this.first.set(next);
      this.others.set(new Set(rest));
    } else {
      if (!others.delete(id)) others.add(id);
      this.others.set(others);
    }
  }

  annotation(): Annotation | null {
    const id = this.first.get();
    return (id !== null && this.annotations.get(id)) || null;
  }

  /** Those beside the first, lowest z-order first. */
  beside(): readonly Annotation[] {
    const others = this.others.get();
    return others.size === 0 ? [] : this.annotations.all().filter(({ id }) => others.has(id));
  }

  /** Let go of what is deleted. */
  forgetDeleted(): void {
    const others = this.beside();
    if (others.length < this.others.get().size) {
      this.others.set(new Set(others.map(({ id }) => id)));
    }
    if (!this.annotation()) this.set(null);
  }
}
