import { clampMove } from "../geometry/boxes";
import type { Point } from "../geometry/points";
import { translatePolygons } from "../geometry/polygons";
import {
  type Annotation,
  type AnnotationContent,
  boxOf,
  type Category,
  contentOf,
  isPolygons,
} from "./annotation";
import { askAgainWhenSet } from "./asking-again";
import { fittingSteps } from "./fitting-steps";
import { History, type Steps } from "./history";
import { derivedId, newId } from "./ids";
import { Layers } from "./layers";
import { Marking } from "./marking";
import type { AwaitingCategory, Draft, EditorImage, EditorOptions } from "./options";
import { PastView } from "./past-view";
import type { Label } from "./prompt";
import { shownOf } from "./proposal";
import { Proposals } from "./proposals";
import { RecentCategories } from "./recent-categories";
import { reshapable } from "./reshapable";
import { type HotVertex, withoutVertex } from "./reshape";
import type { ProposalSettings } from "./settings";
import { Signal } from "./signal";
import { AnnotationStore, type Change } from "./store";
import { type Mine, type ServerVersion, Sync } from "./sync";
import type { Tool } from "./tool";
import { Toolbox } from "./toolbox";
import { Viewport } from "./viewport";
import { Visibility } from "./visibility";

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
  readonly visibility = new Visibility(() => this.annotations.all());
  readonly hidden = this.visibility.hidden;
  readonly draft = new Signal<Draft | null>(null);
  readonly hotVertex = new Signal<HotVertex | null>(null);
  readonly awaitingCategory = new Signal<AwaitingCategory | null>(null);
  readonly proposals: Proposals;
  readonly marking = new Marking();
  readonly settings: ProposalSettings;
  readonly isReadOnly: boolean;
  readonly sync: Sync;
  readonly viewport: Viewport;
  /** The image at an earlier moment. */
  readonly past: PastView;
  private readonly steps: History;
  private readonly layers: Layers;
  private readonly toolbox: Toolbox;
  private readonly stops: readonly (() => void)[];
  readonly recentCategories: RecentCategories;
  private lastCreated: string | null = null;

  constructor(private readonly options: EditorOptions) {
    const { image, notify, describe } = options;
    this.image = image;
    this.tools = options.tools;
    this.settings = options.settings;
    this.recentCategories = options.recentCategories ?? new RecentCategories();
    this.isReadOnly = options.isReadOnly ?? false;
    this.past = new PastView(this, notify);
    this.toolbox = new Toolbox(this, options.tools, options.toolId);
    this.tool = this.toolbox.tool;
    this.annotations = new AnnotationStore(options.annotations);
    this.categories = new Signal(options.categories);
    this.activeCategory = new Signal(options.activeCategory);
    this.proposals = new Proposals({
      propose: options.propose,
      simplify: options.simplify,
      settings: options.settings,
      failed: (title, error) =>
        notify({
          kind: options.isPassing(error) ? "info" : "error",
          title,
          detail: describe(error),
        }),
    });
    this.stops = [
      askAgainWhenSet(this.proposals, options.settings),
      // Marks belong to the proposal that they correct.
      this.proposals.state.subscribe((state) => state === null && this.marking.stop()),
    ];
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
    this.sync.knowDeleted(options.deleted ?? []);
    this.annotations.apply(this.sync.load(options.annotations, options.pending));
    this.steps = new History(options.steps?.keeper);
    if (options.steps) this.takeUpSteps(options.steps.kept);
    this.layers = new Layers(this, image.url, image);
    this.viewport = new Viewport(image, this.layers.all);
    this.layers.start();
    this.setTool(this.tool.get().id);
  }

  dispose(): void {
    this.toolbox.cancelGesture();
    for (const stop of this.stops) stop();
    this.proposals.drop();
    this.layers.stop();
    this.viewport.dispose();
    this.sync.detach();
  }

  // ---------------------------------------------------------------- changing annotations

  /** Every change of annotations goes through here: shown, one step of undo, and on its way to the server. */
  commit(name: string, changes: readonly Change[]): boolean {
    if (this.isReadOnly) {
      this.options.notify({
        kind: "info",
        title: "Only to be viewed",
        detail: "Your role in this project does not let you change annotations.",
      });
      return false;
    }
    if (this.past.forbids()) return false;
    if (changes.some(({ id, before }) => before && this.visibility.locked.get().has(id))) {
      this.options.notify({
        kind: "info",
        title: "This annotation is locked",
        detail: "Unlock it to change it.",
      });
      return false;
    }
    this.steps.push({ name, changes });
    this.apply(changes);
    return true;
  }

  undo(): void {
    if (this.past.forbids() || this.toolbox.isBusy) return;
    if (this.proposals.state.get()) void this.proposals.undo();
    else this.apply(this.steps.undo());
  }

  redo(): void {
    if (this.past.forbids() || this.toolbox.isBusy) return;
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
      segmentation: content.segmentation,
      iscrowd: false,
      z_order: this.annotations.nextZOrder(),
      source: content.source,
      score: content.score,
    };
    if (this.commit(name, [{ id, before: null, after }])) this.lastCreated = id;
    this.recentCategories.note(category_id);
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
    const { segmentation, answer } = proposal;
    const { engine, score } = answer;
    this.create({ segmentation, source: engine, score }, "Accept proposal");
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

  /** Delete the vertex under the pointer, else take back a proposal's last mark, else delete what is selected. */
  removeHotOrSelected(): void {
    const target = reshapable(this);
    const hot = this.hotVertex.get();
    if (target && hot?.kind === "vertex") {
      const less = withoutVertex(target.polygons, hot.address);
      this.hotVertex.set(null);
      if (less !== target.polygons) target.commit("Remove vertex", less);
      return;
    }
    const id = this.selection.get();
    if (shownOf(this.proposals.state.get()) || this.marking.mode.get() !== null) {
      void this.proposals.undo();
    } else if (id) this.remove(id);
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
    this.recentCategories.note(id);
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

  /** Annotations that can be pointed at: not hidden and not locked, lowest z-order first. */
  visible(): readonly Annotation[] {
    const hidden = this.hidden.get();
    const locked = this.visibility.locked.get();
    return this.annotations.all().filter(({ id }) => !hidden.has(id) && !locked.has(id));
  }

  colorOf(categoryId: number): string {
    return this.categories.get().find(({ id }) => id === categoryId)?.color ?? "#8a94a3";
  }

  select(id: string | null): void {
    this.hotVertex.set(null);
    this.selection.set(id);
  }

  setHidden(ids: Iterable<string>, isHidden: boolean): void {
    this.visibility.setHidden(ids, isHidden);
  }

  reveal(id: string): void {
    const annotation = this.annotations.get(id);
    if (annotation) this.viewport.reveal(boxOf(annotation));
  }

  // ---------------------------------------------------------------- tools and keys

  setTool(id: string): void {
    this.toolbox.set(id);
  }

  /** Give a key to the gesture that runs; true when it took it. */
  keyToGesture(key: string): boolean {
    return this.toolbox.feedKey(key);
  }

  /** The next clicks and drags say what is inside, or outside; the same again ends it. */
  toggleMarking(label: Label): void {
    const { startsFrom } = this.tool.get();
    if (!startsFrom || (startsFrom === "bbox" && !this.proposals.state.get())) return;
    this.hotVertex.set(null);
    this.marking.toggle(label, this.viewport.pointer.get());
  }

  /** Escape: the gesture, else the draft, else the selection. */
  escape(): void {
    if (this.toolbox.cancelGesture()) return;
    const proposal = this.proposals.state.get();
    if (this.awaitingCategory.get()) this.awaitingCategory.set(null);
    else if (proposal?.kind === "running") this.proposals.cancel();
    else if (this.marking.mode.get() !== null) this.marking.stop();
    else if (proposal) this.proposals.drop();
    else this.select(null);
  }

  /** What only the tool in hand showed goes with it. */
  putAway(): void {
    this.marking.stop();
    this.draft.set(null);
    this.hotVertex.set(null);
    this.hovered.set(null);
  }

  takenUp(tool: Tool): void {
    // Who takes up the select tool right after drawing means to work on what was drawn.
    if (tool.id === "select" && !this.selected() && this.lastCreated) {
      if (this.annotations.get(this.lastCreated)) this.select(this.lastCreated);
    }
    if (tool.id !== "select") this.select(null);
  }

  /** Steps of earlier visits, as far as others left what they touch as it was. */
  private takeUpSteps(kept: Steps): void {
    const fitting = fittingSteps(kept, {
      contentOf: (id) => this.annotations.get(id) ?? null,
      hasCategory: (id) => this.categories.get().some((category) => category.id === id),
    });
    this.steps.restore(fitting);
    this.showSteps();
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
    this.showSteps();
  }

  private showSteps(): void {
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
