import { type Annotation, contentOf, type Segmentation } from "./annotation";
import type { Editor } from "./editor";
import { newId } from "./ids";
import type { Change } from "./store";

/**
 * An annotation that a gesture began with.
 *
 * While the gesture is held the user may press keys, and the server may answer that somebody else was first. What the
 * gesture makes then goes on the user's own version, and never over that of the other.
 */
export class Begun {
  private readonly turns: number;

  constructor(
    private readonly editor: Editor,
    readonly before: Annotation,
  ) {
    this.turns = editor.disputes.turnsOf(before.id).length;
  }

  /** The user's version as it is now; null when there is none: deleted, or taken back by the server. */
  now(): Annotation | null {
    const since = this.editor.disputes.turnsOf(this.before.id).slice(this.turns);
    const id = since.length > 0 ? since.at(-1) : this.before.id;
    return (id && this.editor.annotations.get(id)) || null;
  }

  /** Whether the user has deleted it meanwhile; one that waits for another category is not. */
  get isDeleted(): boolean {
    const { disputes, waiting } = this.editor;
    const isOurs = disputes.turnsOf(this.before.id).length === this.turns;
    return isOurs && this.now() === null && !waiting.has(this.before.id);
  }

  /** What the gesture goes on from. */
  get segmentation(): Segmentation {
    return (this.now() ?? this.before).segmentation;
  }

  /** The change to another segmentation, or (null) to none; what the server took back becomes a new annotation. */
  changes(segmentation: Segmentation | null): readonly Change[] {
    const now = this.now();
    if (now) return [this.editor.changeOf(now, segmentation && { segmentation })];
    if (this.isDeleted || !segmentation) return [];
    return [{ id: newId(), before: null, after: { ...contentOf(this.before), segmentation } }];
  }

  /**
   * One step of undo; what follows the user is selected.
   *
   * @returns false where it was refused, and the user told
   */
  commit(name: string, segmentation: Segmentation | null, also: readonly Change[] = []): boolean {
    const { editor, before } = this;
    if (segmentation && !this.now() && editor.waiting.reshape(before.id, segmentation)) return true;
    const [change] = this.changes(segmentation);
    if (!change) return true;
    if (!editor.commit(name, [change, ...also])) return false;
    if (change.after && change.id !== before.id) editor.select(change.id);
    return true;
  }
}
