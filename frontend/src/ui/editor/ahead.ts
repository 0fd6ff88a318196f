/**
 * Answers asked for before they are needed. Each is given out once, and only while it is young: what others did since
 * is not in it.
 */
export class Ahead<T> {
  private readonly asked = new Map<number, { at: number; answer: Promise<T | null> }>();

  constructor(
    private readonly ask: (id: number) => Promise<T>,
    private readonly longestMs: number,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** Ask for these, and forget all others. */
  prepare(ids: readonly number[]): void {
    for (const id of this.asked.keys()) if (!ids.includes(id)) this.asked.delete(id);
    for (const id of ids) {
      if (this.isYoung(id)) continue;
      // A failure is told when the image is opened and asked for again.
      this.asked.set(id, { at: this.now(), answer: this.ask(id).catch(() => null) });
    }
  }

  /** What was asked for ahead; null when there is nothing, or it is too old, or it failed. */
  async take(id: number): Promise<T | null> {
    const isYoung = this.isYoung(id);
    const asked = this.asked.get(id);
    this.asked.delete(id);
    return asked && isYoung ? await asked.answer : null;
  }

  private isYoung(id: number): boolean {
    const asked = this.asked.get(id);
    return asked !== undefined && this.now() - asked.at < this.longestMs;
  }
}
