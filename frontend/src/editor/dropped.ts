import { Signal } from "./signal";

interface Last {
  /** Of the step that undo takes back. */
  readonly name: string;
  readonly bringBack: () => void;
}

/** The outline or the proposal that was dropped last: undo brings it back, until something is changed. */
export class Dropped {
  readonly last = new Signal<Last | null>(null);

  keep(name: string, bringBack: () => void): void {
    this.last.set({ name, bringBack });
  }

  forget(): void {
    this.last.set(null);
  }

  /** @returns whether there was anything */
  bringBack(): boolean {
    const last = this.last.get();
    this.forget();
    last?.bringBack();
    return last !== null;
  }
}
