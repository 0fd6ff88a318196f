import type { Segmentation } from "./annotation";
import type { Editor } from "./editor";
import type { History } from "./history";
import { derivedId } from "./ids";
import { NONE_IN_HAND } from "./known-categories";
import type { AwaitingCategory } from "./options";
import { Signal } from "./signal";
import type { Change } from "./store";
import type { Refusal } from "./sync";

interface Ports {
  readonly editor: Editor;
  readonly steps: History;
  readonly changed: () => void;
  /** The list of categories is old. */
  readonly refresh: () => void;
}

/** Outlines that wait for a category: drawn before there was any, or of one that was deleted elsewhere meanwhile. */
export class Waiting {
  readonly outlines = new Signal<readonly AwaitingCategory[]>([]);

  constructor(private readonly ports: Ports) {}

  /** Those that one answer is for: all of the same category that is gone. */
  get first(): readonly AwaitingCategory[] {
    const [first, ...others] = this.outlines.get();
    const gone = (one: AwaitingCategory) => one.refused?.content.category_id;
    return first ? [first, ...others.filter((one) => gone(one) === gone(first))] : [];
  }

  /** One that waits already goes on. */
  add(outline: AwaitingCategory): void {
    const isUnpicked = !outline.refused && this.ports.editor.categories.get().length > 0;
    const waiting = isUnpicked ? { ...outline, isUnpicked } : outline;
    const others = this.outlines.get().filter(({ id }) => id !== outline.id);
    this.outlines.set([...others, waiting]);
  }

  /** Whether the annotation is one that waits; if so, it has another segmentation from now on. */
  reshape(id: string, segmentation: Segmentation): boolean {
    const isIt = (one: AwaitingCategory) => one.id === id;
    if (!this.outlines.get().some(isIt)) return false;
    const reshaped = (one: AwaitingCategory): AwaitingCategory => {
      if (!isIt(one)) return one;
      const { refused } = one;
      if (!refused) return { ...one, segmentation };
      const content = { ...refused.content, segmentation };
      return { ...one, segmentation, refused: { ...refused, content } };
    };
    this.outlines.set(this.outlines.get().map(reshaped));
    return true;
  }

  has(id: string): boolean {
    return this.outlines.get().some((one) => one.id === id);
  }

  /** The user named a category for the first ones. */
  give(categoryId: number): void {
    const { editor } = this.ports;
    if (editor.past.forbids()) return;
    const given = this.first;
    const drawn = given.filter(({ refused }) => !refused);
    const changes = given.flatMap(({ refused }): Change[] => {
      if (!refused) return [];
      const after = { ...refused.content, category_id: categoryId };
      return [{ id: refused.id, before: null, after }];
    });
    if (changes.length > 0 && !editor.commit("Give another category", changes)) return;
    this.leaveOut(given.filter(({ refused }) => refused));
    editor.activeCategory.set(categoryId);
    for (const outline of drawn) {
      // What may not be drawn waits on: the user was told why.
      if (editor.create(outline, "Draw annotation") !== null) this.leaveOut([outline]);
    }
  }

  /** The user gives the first ones up. */
  drop(): void {
    this.giveUp(this.first);
  }

  /** Escape gives up what was drawn last, but nothing that counted as stored. */
  escape(): boolean {
    const last = this.outlines.get().findLast(({ refused }) => !refused);
    if (!last) return false;
    this.giveUp([last]);
    return true;
  }

  private giveUp(dropped: readonly AwaitingCategory[]): void {
    const { sync } = this.ports.editor;
    this.leaveOut(dropped);
    for (const { refused } of dropped) if (refused) sync.release(refused.id);
    const drawn = dropped.filter(({ refused }) => !refused);
    const last = drawn.at(-1);
    if (!last) return;
    const bringBack = () => {
      for (const outline of drawn) this.add(outline);
    };
    this.ports.editor.dropped.keep("Drop outline", bringBack, { what: last.segmentation });
  }

  /**
   * The server refused an annotation. Where its category was deleted elsewhere, what the user drew is kept: with the
   * category it had before or got since; else it waits for another one.
   *
   * @returns whether it waits, and so its edits must stay in the journal
   */
  takeUp(refusal: Refusal): boolean {
    const { editor, steps, changed } = this.ports;
    const { id, mine, server, goneCategory: gone } = refusal;
    if (gone === null) {
      editor.disputes.takeBack(refusal);
      return false;
    }
    const name = this.forgetCategory(gone);
    const stored = server?.annotation ?? null;
    editor.annotations.replace(id, stored);
    steps.forget(id);
    const made = mine?.content ?? null;
    const isOfGone = made?.category_id === gone;
    const waits = isOfGone && !stored;
    if (waits) {
      const { segmentation, source, score } = made;
      const refused = { id, content: made, category: name };
      this.add({ id, segmentation, source, score, refused });
    } else {
      const after = isOfGone && stored ? { ...made, category_id: stored.category_id } : made;
      this.put({ id, before: stored, after }, mine?.editId);
    }
    changed();
    return waits;
  }

  /** Send it on its way again. Two tabs with the same journal do so once: with the same ids. */
  private put(change: Change, editId: string | undefined): void {
    if (!change.before && !change.after) return;
    const { annotations, sync } = this.ports.editor;
    annotations.apply([change]);
    sync.push([change], editId === undefined ? [] : [derivedId(editId, 3)]);
  }

  /** @returns its name, if it was still listed */
  private forgetCategory(gone: number): string | null {
    const { editor, refresh } = this.ports;
    const category = editor.categoryOf(gone);
    if (!category) return null;
    const left = editor.categories.get().filter(({ id }) => id !== gone);
    editor.categories.set(left);
    const isInHand = editor.activeCategory.get() === gone;
    if (isInHand) editor.activeCategory.set(null);
    refresh();
    editor.notify({
      kind: "error",
      title: `The category “${category.name}” was deleted elsewhere`,
      detail: `What you made of it is kept on this computer, but not stored yet: give it another category. What had another category before has that one again.${isInHand ? ` ${NONE_IN_HAND}` : ""}`,
    });
    return category.name;
  }

  private leaveOut(some: readonly AwaitingCategory[]): void {
    const ids = some.map(({ id }) => id);
    this.outlines.set(this.outlines.get().filter(({ id }) => !ids.includes(id)));
  }
}
