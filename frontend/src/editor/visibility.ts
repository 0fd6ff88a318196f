import type { Annotation } from "./annotation";
import { type AnnotationFilter, EVERYTHING, isEverything, passes } from "./annotation-filter";
import { Signal } from "./signal";

const NONE: ReadonlySet<string> = new Set();

/**
 * What is hidden: by hand, by the filter, or since one annotation is shown alone.
 *
 * The filter is asked once, when it is set. What is drawn or changed afterwards stays in sight until it is set again, or
 * work would vanish under the hand that does it.
 */
export class Visibility {
  readonly hidden = new Signal<ReadonlySet<string>>(NONE);
  /** Cannot be pointed at or changed. */
  readonly locked = new Signal<ReadonlySet<string>>(NONE);
  readonly filter = new Signal<AnnotationFilter>(EVERYTHING);
  /** The annotation that is shown alone. */
  readonly solo = new Signal<string | null>(null);
  private byHand: ReadonlySet<string> = NONE;
  private filtered: ReadonlySet<string> = NONE;

  constructor(private readonly all: () => readonly Annotation[]) {}

  setFilter(filter: AnnotationFilter): void {
    this.filter.set(filter);
    this.renew();
  }

  /** Show this one alone; null, or the same again: all that the filter lets through. */
  setSolo(id: string | null): void {
    this.solo.set(id === this.solo.get() ? null : id);
    this.renew();
  }

  setHidden(ids: Iterable<string>, isHidden: boolean): void {
    const byHand = new Set(this.byHand);
    const filtered = new Set(this.filtered);
    for (const id of ids) {
      if (isHidden) byHand.add(id);
      else {
        byHand.delete(id);
        filtered.delete(id);
      }
    }
    this.byHand = byHand;
    this.filtered = filtered;
    this.show();
  }

  setLocked(ids: Iterable<string>, isLocked: boolean): void {
    const locked = new Set(this.locked.get());
    for (const id of ids) {
      if (isLocked) locked.add(id);
      else locked.delete(id);
    }
    this.locked.set(locked);
  }

  /** No filter, none alone, none hidden. */
  showAll(): void {
    this.byHand = NONE;
    this.solo.set(null);
    this.setFilter(EVERYTHING);
  }

  private renew(): void {
    const filter = this.filter.get();
    const solo = this.solo.get();
    const isOut = (annotation: Annotation) =>
      solo === null ? !passes(filter, annotation) : annotation.id !== solo;
    const isAll = solo === null && isEverything(filter);
    this.filtered = isAll
      ? NONE
      : new Set(
          this.all()
            .filter(isOut)
            .map(({ id }) => id),
        );
    this.show();
  }

  private show(): void {
    this.hidden.set(new Set([...this.byHand, ...this.filtered]));
  }
}
