import { type AnnotationContent, contentOf, type ServerAnnotation } from "./annotation";
import type { History, Step } from "./history";
import { derivedId } from "./ids";
import type { Notice } from "./options";
import { isSameContent, isSameSegmentation } from "./same-content";
import { Signal } from "./signal";
import type { AnnotationStore, Change } from "./store";
import type { Mine, Refusal, ServerVersion } from "./sync";

/** An annotation that somebody else changed too, and the user's version, which is kept beside it. */
export interface Dispute {
  readonly theirs: string;
  readonly mine: string;
}

/** Which version stays. */
export type Verdict = "theirs" | "mine" | "both";

interface Ports {
  readonly annotations: AnnotationStore;
  readonly steps: History;
  /** Send changes that are no step of undo. */
  readonly push: (changes: readonly Change[], editIds: readonly string[]) => void;
  readonly commit: (name: string, changes: readonly Change[]) => boolean;
  readonly changed: () => void;
  readonly notify: (notice: Notice) => void;
}

const NAMES: Readonly<Record<Exclude<Verdict, "both">, string>> = {
  theirs: "Keep their version",
  mine: "Keep my version",
};

/** What the user made after a refused edit, which had its segmentation if nothing drew another one: with the server's. */
function withoutRefused(
  content: AnnotationContent | null,
  refused: AnnotationContent | null,
  server: AnnotationContent | null,
): AnnotationContent | null {
  if (!content || !refused || !server) return content;
  const { segmentation } = server;
  const isOfRefused = isSameSegmentation(content.segmentation, refused.segmentation);
  return isOfRefused ? { ...content, segmentation } : content;
}

/** What the server did not take as it was: both versions are there until the user chooses, so nothing is ever lost. */
export class Disputes {
  readonly open = new Signal<readonly Dispute[]>([]);
  private readonly turns = new Map<string, readonly (string | null)[]>();
  /** Why the server refused edits, by annotation, while it is asked about what came after them. */
  private readonly untold = new Map<string, string>();

  constructor(private readonly ports: Ports) {
    // Undone, or deleted in the list: the choice is made.
    ports.annotations.subscribe(() => {
      const open = this.open.get();
      const left = open.filter(({ mine }) => ports.annotations.get(mine));
      if (left.length < open.length) this.open.set(left);
    });
  }

  /** How often the server took another version of an annotation, with the id of the user's own beside it each time. */
  turnsOf(id: string): readonly (string | null)[] {
    return this.turns.get(id) ?? [];
  }

  /** The server took the user's version, and so what came after a refused edit. */
  taken(id: string, annotation: ServerAnnotation | null): void {
    this.ports.annotations.replace(id, annotation);
    this.tellRefused(id, " What you did after it stands.");
  }

  /** Somebody else changed an annotation: theirs stands, and the user's version goes beside it. */
  giveWay(id: string, current: ServerVersion, mine: Mine | null): void {
    const { annotations, steps, push, changed, notify } = this.ports;
    annotations.replace(id, current.annotation);
    steps.forget(id);
    this.tellRefused(id);
    if (!mine) {
      this.turn(id, null);
      changed();
      notify({
        kind: "info",
        title: "Somebody else changed this annotation",
        detail: "Their version stands, so it was not deleted.",
      });
      return;
    }
    // Two tabs that send the same journal fork once: same ids, same content.
    const copy = derivedId(mine.editId, 1);
    const changes = [{ id: copy, before: null, after: mine.content }];
    annotations.apply(changes);
    push(changes, [derivedId(mine.editId, 2)]);
    this.open.set([...this.open.get(), { theirs: id, mine: copy }]);
    this.turn(id, copy);
    changed();
  }

  /**
   * The server refused a change: its version is shown again, and why. What the user made after that change is tried
   * without it, and told about when the server has answered.
   */
  takeBack({ id, detail, server, refused, mine, later }: Refusal): void {
    const { annotations, steps, push, changed, notify } = this.ports;
    const before = server?.annotation ?? null;
    const step = steps.withOthers(id, refused);
    annotations.replace(id, before);
    steps.forget(id);
    // What was already tried may have a fault in its own segmentation.
    const made = later ?? (this.untold.has(id) ? mine : null);
    const after = withoutRefused(made?.content ?? null, refused, before);
    const stays = made !== null && !isSameContent(after, refused);
    if (stays && !isSameContent(after, before)) {
      const changes = [{ id, before, after }];
      annotations.apply(changes);
      push(changes, [derivedId(made.editId, 3)]);
      this.untold.set(id, detail);
    } else {
      if (!stays) this.turn(id, null);
      if (step) this.takeBackWith(step, id, mine?.editId);
      this.untold.delete(id);
      notify({ kind: "error", title: "The server refused this change", detail });
    }
    changed();
  }

  /** The user's choice: one step of undo, which is refused like any other when theirs has changed again. */
  settle(dispute: Dispute, verdict: Verdict): void {
    const { annotations, commit } = this.ports;
    const mine = annotations.get(dispute.mine);
    const theirs = annotations.get(dispute.theirs);
    if (verdict !== "both" && mine) {
      const gone: Change = { id: mine.id, before: contentOf(mine), after: null };
      const taken: Change[] =
        verdict === "mine" && theirs
          ? [{ id: theirs.id, before: contentOf(theirs), after: contentOf(mine) }]
          : [];
      // Theirs is deleted: mine goes on as the annotation that it became.
      const isSettled = verdict === "mine" && !theirs;
      if (!isSettled && !commit(NAMES[verdict], [...taken, gone])) return;
    }
    this.open.set(this.open.get().filter((one) => one.mine !== dispute.mine));
  }

  /** A step is done whole or not at all: what else it did is taken back, where nothing came after it. */
  private takeBackWith({ changes }: Step, refusedId: string, editId: string | undefined): void {
    const { annotations, push, steps } = this.ports;
    const others = changes.filter(
      ({ id, after }) => id !== refusedId && isSameContent(annotations.get(id) ?? null, after),
    );
    const back = others.map(({ id, before, after }) => ({ id, before: after, after: before }));
    annotations.apply(back);
    push(back, editId === undefined ? [] : back.map((_, place) => derivedId(editId, 4 + place)));
    for (const { id } of back) steps.forget(id);
  }

  private tellRefused(id: string, andThen = ""): void {
    const detail = this.untold.get(id);
    if (detail === undefined) return;
    this.untold.delete(id);
    const title = "The server refused one change";
    this.ports.notify({ kind: "error", title, detail: `${detail}${andThen}` });
  }

  private turn(id: string, copy: string | null): void {
    this.turns.set(id, [...this.turnsOf(id), copy]);
  }
}
