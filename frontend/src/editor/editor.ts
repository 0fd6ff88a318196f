import Interaction from "ol/interaction/Interaction";
import { type BoxXYXY, clampMove } from "../geometry/boxes";
import type { Point, Size } from "../geometry/points";
import { type Polygons, translatePolygons } from "../geometry/polygons";
import {
  type Annotation,
  type AnnotationContent,
  boxOf,
  type Category,
  contentOf,
  isPolygons,
  type ServerAnnotation,
} from "./annotation";
import { GestureInteraction, GestureRunner } from "./gesture";
import { History } from "./history";
import { derivedId, newId } from "./ids";
import type { Edit, Journal } from "./journal";
import { Layers } from "./layers";
import { Proposals, type Propose } from "./proposals";
import { type HotVertex, type Reshapable, withoutVertex } from "./reshape";
import { Signal } from "./signal";
import { AnnotationStore, type Change } from "./store";
import { type Mine, type Send, type ServerVersion, Sync } from "./sync";
import type { Tool } from "./tool";
import { Viewport } from "./viewport";

export interface EditorImage extends Size {
  readonly id: number;
  readonly url: string;
}

/** What is being drawn and not yet an annotation. */
export type Draft =
  | { kind: "ring"; points: readonly Point[]; cursor: Point | null; closes: boolean }
  | { kind: "box"; box: BoxXYXY }
  | { kind: "crosshair"; point: Point }
  | { kind: "change"; id: string; polygons: Polygons };

/** A finished outline that waits for its first category. */
export interface AwaitingCategory {
  readonly polygons: Polygons;
  readonly source: string;
  readonly score: number | null;
}

export interface Notice {
  readonly kind: "error" | "info";
  readonly title: string;
  readonly detail: string;
}

export interface EditorOptions {
  readonly image: EditorImage;
  readonly annotations: readonly ServerAnnotation[];
  readonly pending: readonly Edit[];
  readonly categories: readonly Category[];
  readonly activeCategory: number | null;
  readonly tools: readonly Tool[];
  /** The tool in hand at the start; the first one when there is none of this id. */
  readonly toolId: string;
  readonly journal: Journal;
  readonly send: Send;
  readonly propose: Propose;
  readonly notify: (notice: Notice) => void;
  readonly describe: (error: unknown) => string;
  readonly isReadOnly?: boolean;
}

/** The open image: its annotations, what is selected and drawn, undo, and the way to the server. */
export class Editor {
  readonly image: EditorImage;
  readonly tools: readonly Tool[];
  readonly annotations: AnnotationStore;
  readonly history = new Signal<{ undo: string | null; redo: string | null }>({
    undo: null,
    redo: null,
  });
  readonly categories: Signal<readonly Category[]>;
  readonly activeCategory: Signal<number | null>;
  readonly tool: Signal<Tool>;
  readonly selection = new Signal<string | null>(null);
  readonly hovered = new Signal<string | null>(null);
  readonly hidden = new Signal<ReadonlySet<string>>(new Set());
  readonly draft = new Signal<Draft | null>(null);
  readonly hotVertex = new Signal<HotVertex | null>(null);
  readonly awaitingCategory = new Signal<AwaitingCategory | null>(null);
  readonly proposals: Proposals;
  readonly sync: Sync;
  readonly viewport: Viewport;
  private readonly steps = new History();
  private readonly layers: Layers;
  private runners: readonly GestureRunner[] = [];
  private lastCreated: string | null = null;

  constructor(private readonly options: EditorOptions) {
    const { image, tools, notify, describe } = options;
    const firstTool = tools.find(({ id }) => id === options.toolId) ?? tools[0];
    if (!firstTool) throw new Error("An editor needs a tool.");
    this.image = image;
    this.tools = tools;
    this.annotations = new AnnotationStore(options.annotations);
    this.categories = new Signal(options.categories);
    this.activeCategory = new Signal(options.activeCategory);
    this.tool = new Signal(firstTool);
    this.proposals = new Proposals(options.propose, (error) =>
      notify({ kind: "error", title: "No proposal", detail: describe(error) }),
    );
    this.sync = new Sync({
      imageId: image.id,
      journal: options.journal,
      send: options.send,
      events: {
        settled: (id, { annotation }) => this.annotations.replace(id, annotation),
        conflict: (id, current, mine) => this.giveWay(id, current, mine),
        refused: (id, detail, server) => this.takeBack(id, detail, server),
        notJournaled: (error) =>
          notify({ kind: "error", title: "Not kept on this computer", detail: describe(error) }),
      },
    });
    this.annotations.apply(this.sync.load(options.annotations, options.pending));
    this.layers = new Layers(this, image.url, image);
    this.viewport = new Viewport(image, this.layers.all);
    this.layers.start();
    this.setTool(firstTool.id);
  }

  dispose(): void {
    this.cancelGesture();
    this.proposals.drop();
    this.layers.stop();
    this.viewport.dispose();
    this.sync.detach();
  }

  // ---------------------------------------------------------------- changing annotations

  /** Every change of annotations goes through here: shown, one step of undo, and on its way to the server. */
  commit(name: string, changes: readonly Change[]): boolean {
    if (this.options.isReadOnly) {
      this.options.notify({
        kind: "info",
        title: "Only to be viewed",
        detail: "Your role in this project does not let you change annotations.",
      });
      return false;
    }
    this.steps.push({ name, changes });
    this.apply(changes);
    return true;
  }

  undo(): void {
    if (this.runners.some((runner) => runner.isRunning)) return;
    if (this.proposals.state.get()) this.proposals.undo();
    else this.apply(this.steps.undo());
  }

  redo(): void {
    if (this.runners.some((runner) => runner.isRunning)) return;
    this.apply(this.steps.redo());
  }

  /** Make an annotation of the active category; with none yet, wait until the user names one. */
  create(content: AwaitingCategory, name: string): void {
    const category_id = this.activeCategory.get();
    if (category_id === null) {
      this.awaitingCategory.set(content);
      return;
    }
    const id = newId();
    const after: AnnotationContent = {
      category_id,
      segmentation: content.polygons,
      iscrowd: false,
      z_order: this.annotations.nextZOrder(),
      source: content.source,
      score: content.score,
    };
    if (this.commit(name, [{ id, before: null, after }])) this.lastCreated = id;
  }

  /** The user named a category for what was drawn without one. */
  giveCategory(categoryId: number): void {
    this.activeCategory.set(categoryId);
    const waiting = this.awaitingCategory.get();
    this.awaitingCategory.set(null);
    if (waiting) this.create(waiting, "Draw annotation");
  }

  acceptProposal(): void {
    const proposal = this.proposals.take();
    if (!proposal) return;
    const { polygons, engine, score } = proposal;
    this.create({ polygons, source: engine, score }, "Accept proposal");
  }

  /** Change what an annotation says; nothing happens when it is gone. */
  change(id: string, name: string, part: Partial<AnnotationContent>): void {
    const annotation = this.annotations.get(id);
    if (!annotation) return;
    const before = contentOf(annotation);
    this.commit(name, [{ id, before, after: { ...before, ...part } }]);
  }

  remove(id: string): void {
    const annotation = this.annotations.get(id);
    if (!annotation) return;
    this.commit("Delete annotation", [{ id, before: contentOf(annotation), after: null }]);
  }

  /** Delete the vertex under the pointer or, with none there, the selected annotation. */
  removeHotOrSelected(): void {
    const target = this.reshapable();
    const hot = this.hotVertex.get();
    if (target && hot?.kind === "vertex") {
      const less = withoutVertex(target.polygons, hot.address);
      this.hotVertex.set(null);
      if (less !== target.polygons) target.commit("Remove vertex", less);
      return;
    }
    const id = this.selection.get();
    if (id) this.remove(id);
  }

  /** Move the selected annotation, as far as the image reaches. */
  nudge(step: Point): boolean {
    const selected = this.selected();
    if (!selected || !isPolygons(selected.segmentation)) return false;
    const [dx, dy] = clampMove(boxOf(selected), step, this.image);
    if (dx !== 0 || dy !== 0) {
      const segmentation = translatePolygons(selected.segmentation, dx, dy);
      this.change(selected.id, "Move annotation", { segmentation });
    }
    return true;
  }

  /** A category was picked: of the selected annotation when selecting, else for what is drawn next. */
  pickCategory(id: number): void {
    const selected = this.tool.get().id === "select" ? this.selected() : null;
    if (!selected) this.activeCategory.set(id);
    else if (selected.category_id !== id) {
      this.change(selected.id, "Change category", { category_id: id });
    }
  }

  // ---------------------------------------------------------------- what is selected and shown

  selected(): Annotation | null {
    const id = this.selection.get();
    return (id !== null && this.annotations.get(id)) || null;
  }

  /** Annotations that are not hidden, lowest z-order first. */
  visible(): readonly Annotation[] {
    const hidden = this.hidden.get();
    return this.annotations.all().filter(({ id }) => !hidden.has(id));
  }

  colorOf(categoryId: number): string {
    return this.categories.get().find(({ id }) => id === categoryId)?.color ?? "#8a94a3";
  }

  select(id: string | null): void {
    this.hotVertex.set(null);
    this.selection.set(id);
  }

  setHidden(ids: Iterable<string>, isHidden: boolean): void {
    const hidden = new Set(this.hidden.get());
    for (const id of ids) {
      if (isHidden) hidden.add(id);
      else hidden.delete(id);
    }
    this.hidden.set(hidden);
  }

  reveal(id: string): void {
    const annotation = this.annotations.get(id);
    if (annotation) this.viewport.reveal(boxOf(annotation));
  }

  editablePolygons(): Polygons | null {
    return this.reshapable()?.polygons ?? null;
  }

  /** What vertices can be worked on now: a proposal's before an annotation's. */
  reshapable(): Reshapable | null {
    const proposal = this.proposals.state.get();
    if (proposal?.kind === "ready") {
      return {
        polygons: proposal.polygons,
        preview: (polygons) => this.proposals.show(polygons),
        restore: () => this.proposals.show(proposal.polygons),
        commit: (_, polygons) => this.proposals.change(polygons),
      };
    }
    const selected = this.selected();
    if (!selected || !isPolygons(selected.segmentation)) return null;
    if (this.hidden.get().has(selected.id) || this.options.isReadOnly) return null;
    return {
      polygons: selected.segmentation,
      preview: (polygons) => this.draft.set({ kind: "change", id: selected.id, polygons }),
      restore: () => this.draft.set(null),
      commit: (name, segmentation) => this.change(selected.id, name, { segmentation }),
    };
  }

  // ---------------------------------------------------------------- tools and keys

  setTool(id: string): void {
    const tool = this.tools.find((candidate) => candidate.id === id);
    if (!tool) return;
    this.cancelGesture();
    this.tool.get().leave?.(this);
    this.draft.set(null);
    this.hotVertex.set(null);
    this.hovered.set(null);
    const parts = tool.interactions(this);
    this.runners = parts.filter((part) => part instanceof GestureRunner);
    for (const runner of this.runners) runner.onEnd = () => this.draft.set(null);
    this.viewport.setInteractions(
      parts.map((part) =>
        part instanceof Interaction
          ? part
          : new GestureInteraction(part, this.image, this.viewport.isHandHeld),
      ),
    );
    this.viewport.setCursor(tool.cursor);
    this.tool.set(tool);
    // Who takes up the select tool right after drawing means to work on what was drawn.
    if (tool.id === "select" && !this.selected() && this.lastCreated) {
      if (this.annotations.get(this.lastCreated)) this.select(this.lastCreated);
    }
    if (tool.id !== "select") this.select(null);
  }

  /** Give a key to the gesture that runs; true when it took it. */
  keyToGesture(key: string): boolean {
    return this.runners.some((runner) => runner.isRunning && runner.feed({ type: "key", key }));
  }

  /** Escape: the gesture, else the draft, else the selection. */
  escape(): void {
    if (this.cancelGesture()) return;
    if (this.awaitingCategory.get()) this.awaitingCategory.set(null);
    else if (this.proposals.state.get()) this.proposals.drop();
    else this.select(null);
  }

  private cancelGesture(): boolean {
    return this.runners.map((runner) => runner.cancel()).some(Boolean);
  }

  private apply(changes: readonly Change[]): void {
    if (changes.length === 0) return;
    this.annotations.apply(changes);
    this.sync.push(changes);
    this.afterChange();
  }

  private afterChange(): void {
    this.hotVertex.set(null);
    if (!this.selected()) this.select(null);
    const undo = this.steps.undoable?.name ?? null;
    const redo = this.steps.redoable?.name ?? null;
    this.history.set({ undo, redo });
  }

  private giveWay(id: string, current: ServerVersion, mine: Mine | null): void {
    this.annotations.replace(id, current.annotation);
    this.steps.forget(id);
    if (mine) {
      // Two tabs that send the same journal fork once: same ids, same content.
      const changes = [{ id: derivedId(mine.editId, 1), before: null, after: mine.content }];
      this.annotations.apply(changes);
      this.sync.push(changes, [derivedId(mine.editId, 2)]);
    }
    this.afterChange();
    this.options.notify({
      kind: "info",
      title: "Somebody else changed this annotation",
      detail: mine
        ? "Their version stands. Yours was kept beside it as a new annotation: delete the one you do not want."
        : "Their version stands, so it was not deleted.",
    });
  }

  private takeBack(id: string, detail: string, server: ServerVersion | null): void {
    this.annotations.replace(id, server?.annotation ?? null);
    this.steps.forget(id);
    this.afterChange();
    this.options.notify({ kind: "error", title: "The server refused this change", detail });
  }
}
