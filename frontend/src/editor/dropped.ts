import { Signal } from "./signal";

interface Origin {
  /** The same object when it is dropped again as it came back. */
  readonly what?: object;
  /** Of the tool that drew it; else undo brings it back whatever is drawn with next. */
  readonly toolId?: string;
}

interface Last extends Origin {
  /** Of the step that undo takes back. */
  readonly name: string;
  readonly bringBack: () => void;
}

/** Two Escapes may each drop something: what is drawn, and what waits. */
const MOST = 3;

/**
 * The outlines and proposals that were dropped last: undo brings them back, the last one first, until something is
 * changed or the user has moved on. What came back and is dropped again is forgotten, so undo goes on to the step before.
 */
export class Dropped {
  readonly last = new Signal<Last | null>(null);
  private kept: readonly Last[] = [];
  private returned: object | undefined;

  keep(name: string, bringBack: () => void, origin: Origin = {}): void {
    if (origin.what && origin.what === this.returned) return;
    this.hold([...this.kept, { ...origin, name, bringBack }]);
  }

  forget(): void {
    this.hold([]);
  }

  /** A gesture of a tool began: what another one drew is left behind. */
  goOnWith(id: string): void {
    this.hold(this.kept.filter(({ toolId }) => toolId === undefined || toolId === id));
  }

  /** When one of these is set, the user has moved on. */
  forgetWhenSet(...signals: readonly Pick<Signal<unknown>, "subscribe">[]): (() => void)[] {
    return signals.map((signal) => signal.subscribe(() => this.forget()));
  }

  /** @returns whether there was anything */
  bringBack(): boolean {
    const last = this.last.get();
    this.hold(this.kept.slice(0, -1));
    this.returned = last?.what;
    last?.bringBack();
    return last !== null;
  }

  private hold(kept: readonly Last[]): void {
    this.kept = kept.slice(-MOST);
    this.last.set(this.kept.at(-1) ?? null);
  }
}
