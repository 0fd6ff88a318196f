import type { Point } from "../geometry/points";
import {
  type Annotation,
  type AnnotationContent,
  boxOf,
  type Category,
  contentOf,
} from "./annotation";
import { byZOrder } from "./annotation-index";
import type { View } from "./appearance";
import { askAgainWhenSet } from "./asking-again";
import { Contacts } from "./contacts";
import { Disputes } from "./disputes";
import type { DrawSettings } from "./draw-settings";
import { type Combining, drawable } from "./drawing";
import { Dropped } from "./dropped";
import { fittingSteps } from "./fitting-steps";
import { History, type Steps } from "./history";
import { newId } from "./ids";
import { Layers } from "./layers";
import { Marking } from "./marking";
import { isBarred, isStepBarred } from "./obstacles";
import type { Draft, Drawn, EditorImage, EditorOptions, Notice } from "./options";
import type { BrushTip } from "./painting";
import { PastView } from "./past-view";
import { dropProposal } from "./proposal-end";
import { Proposals } from "./proposals";
import { RecentCategories } from "./recent-categories";
import type { HotVertex } from "./reshape";
import { Selected } from "./selected";
import type { ProposalSettings } from "./settings";
import { Signal } from "./signal";
import { dropSimpler, type Simpler } from "./simplifying";
import { AnnotationStore, type Change } from "./store";
import { Sync } from "./sync";
import type { Tool } from "./tool";
import { Toolbox } from "./toolbox";
import { endTransform, type Transforming } from "./transforming";
import { Unfinished } from "./unfinished";
import { Viewport } from "./viewport";
import { Visibility } from "./visibility";
import { Waiting } from "./waiting";

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
  readonly selection: Signal<string | null>;
  /** Others that are selected with it, for what works on several. */
  readonly others: Signal<ReadonlySet<string>>;
  /** What a shape that is drawn does. */
  readonly combining = new Signal<Combining>("new");
  readonly tip = new Signal<BrushTip | null>(null);
  /** The selected annotation with fewer vertices, while the user looks for how many. */
  readonly simpler = new Signal<Simpler | null>(null);
  /** Scaling and rotating what is selected; null: off. */
  readonly transform = new Signal<Transforming | null>(null);
  /** Where the last stroke ended. */
  lastPainted: Point | null = null;
  readonly hovered = new Signal<string | null>(null);
  readonly view = new Signal<View>("annotations");
  readonly visibility = new Visibility(() => this.annotations.all());
  readonly hidden = this.visibility.hidden;
  readonly draft = new Signal<Draft | null>(null);
  readonly dropped = new Dropped();
  readonly unfinished: Unfinished;
  readonly hotVertex = new Signal<HotVertex | null>(null);
  readonly waiting: Waiting;
  readonly proposals: Proposals;
  readonly marking = new Marking();
  readonly settings: ProposalSettings;
  readonly drawing: DrawSettings;
  readonly isReadOnly: boolean;
  readonly sync: Sync;
  readonly disputes: Disputes;
  readonly contacts: Contacts;
  readonly viewport: Viewport;
  private readonly picked: Selected;
  /** The image at an earlier moment. */
  readonly past: PastView;
  private readonly steps: History;
  private readonly layers: Layers;
  private readonly toolbox: Toolbox;
  private readonly stops: readonly (() => void)[];
  readonly recentCategories: RecentCategories;
  /** Whether the user can see what becomes of it. */
  isOpen = true;

  constructor(private readonly options: EditorOptions) {
    const { image, notify, describe } = options;
    this.image = image;
    this.tools = options.tools;
    this.settings = options.settings;
    this.drawing = options.drawing;
    this.contacts = new Contacts(options.drawing.hasPen);
    this.recentCategories = options.recentCategories ?? new RecentCategories();
    this.isReadOnly = options.isReadOnly ?? false;
    this.past = new PastView(this, notify);
    this.toolbox = new Toolbox(this, options.tools, options.toolId);
    this.tool = this.toolbox.tool;
    this.unfinished = new Unfinished(this, this.toolbox);
    this.annotations = new AnnotationStore(options.annotations);
    this.picked = new Selected(this.annotations);
    this.selection = this.picked.first;
    this.others = this.picked.others;
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
      this.dropped.last.subscribe(() => this.showSteps()),
      ...this.dropped.forgetWhenSet(this.hidden, this.visibility.locked),
      // Marks belong to the proposal that they correct.
      this.proposals.state.subscribe((state) => state === null && this.marking.stop()),
    ];
    this.steps = new History(options.steps?.keeper);
    this.disputes = new Disputes({
      annotations: this.annotations,
      steps: this.steps,
      push: (changes, editIds) => this.sync.push(changes, editIds),
      commit: (name, changes) => this.commit(name, changes),
      changed: () => this.afterChange(),
      notify,
    });
    this.waiting = new Waiting({
      editor: this,
      steps: this.steps,
      changed: () => this.afterChange(),
      refresh: options.refreshCategories,
    });
    this.sync = new Sync({
      imageId: image.id,
      journal: options.journal,
      send: options.send,
      events: {
        settled: (id, { annotation }) => this.disputes.taken(id, annotation),
        conflict: (id, current, mine) => this.disputes.giveWay(id, current, mine),
        refused: (refusal) => this.waiting.takeUp(refusal),
        notJournaled: (error) =>
          notify({ kind: "error", title: "Not kept on this computer", detail: describe(error) }),
      },
    });
    this.sync.knowDeleted(options.deleted ?? []);
    this.annotations.apply(this.sync.load(options.annotations, options.pending));
    if (options.steps) this.takeUpSteps(options.steps.kept);
    this.layers = new Layers(this, image.url, image);
    this.viewport = new Viewport(image, this.layers.all, this.contacts);
    this.layers.start();
    this.setTool(this.tool.get().id);
  }

  dispose(): void {
    this.isOpen = false;
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
    if (this.past.forbids() || isBarred(this, changes)) return false;
    this.steps.push({ name, changes });
    this.apply(changes);
    return true;
  }

  undo(): void {
    if (this.past.forbids() || this.toolbox.isBusy) return;
    if (this.proposals.state.get()) void this.proposals.undo();
    else if (!this.dropped.bringBack() && !isStepBarred(this, this.steps.back)) {
      this.apply(this.steps.undo());
    }
  }

  redo(): void {
    if (this.past.forbids() || this.toolbox.isBusy) return;
    if (!isStepBarred(this, this.steps.forth)) this.apply(this.steps.redo());
  }

  /**
   * Make an annotation of the active category; with none yet, wait until the user names one.
   *
   * @returns its id, also while it waits; null where it is not to be
   */
  create(content: Drawn & { readonly id?: string }, name: string): string | null {
    const category_id = this.activeCategory.get();
    const { id = newId() } = content;
    if (category_id === null) {
      this.waiting.add({ ...content, id });
      return id;
    }
    const segmentation = drawable(this, content.segmentation);
    if (!segmentation) return null;
    const after: AnnotationContent = {
      category_id,
      segmentation,
      iscrowd: false,
      z_order: this.annotations.nextZOrder(),
      source: content.source,
      score: content.score,
    };
    if (!this.commit(name, [{ id, before: null, after }])) return null;
    this.picked.work = id;
    this.recentCategories.note(category_id);
    return id;
  }

  /** Change what an annotation says; nothing happens when it is gone. */
  change(id: string, name: string, part: Partial<AnnotationContent>): void {
    const annotation = this.annotations.get(id);
    if (annotation) this.commit(name, [this.changeOf(annotation, part)]);
  }

  /** The change of an annotation in part, or (null) its end. */
  changeOf(annotation: Annotation, part: Partial<AnnotationContent> | null): Change {
    const before = contentOf(annotation);
    return { id: annotation.id, before, after: part && { ...before, ...part } };
  }

  remove(id: string): void {
    const annotation = this.annotations.get(id);
    if (annotation) this.commit("Delete annotation", [this.changeOf(annotation, null)]);
  }

  // ---------------------------------------------------------------- what is selected and shown

  selected(): Annotation | null {
    return this.picked.annotation();
  }

  /** Those that are selected beside the first one, lowest z-order first. */
  alsoSelected(): readonly Annotation[] {
    return this.picked.beside();
  }

  /** Annotations that can be pointed at: not hidden and not locked, lowest z-order first. */
  visible(): readonly Annotation[] {
    const hidden = this.hidden.get();
    const locked = this.visibility.locked.get();
    return this.annotations.all().filter(({ id }) => !hidden.has(id) && !locked.has(id));
  }

  /** Those of them whose boxes are not farther from the point than the reach. */
  visibleNear(point: Point, reach: number): readonly Annotation[] {
    const locked = this.visibility.locked.get();
    return this.shownNear(point, reach).filter(({ id }) => !locked.has(id));
  }

  /** The same, and those that are locked: one cannot take hold of them, but draw along them. */
  shownNear([x, y]: Point, reach: number): readonly Annotation[] {
    const hidden = this.hidden.get();
    return this.annotations
      .touching([x - reach, y - reach, x + reach, y + reach])
      .filter(({ id }) => !hidden.has(id))
      .sort(byZOrder);
  }

  categoryOf(categoryId: number): Category | undefined {
    return this.categories.get().find(({ id }) => id === categoryId);
  }

  colorOf(categoryId: number): string {
    return this.categoryOf(categoryId)?.color ?? "#8a94a3";
  }

  select(id: string | null): void {
    dropSimpler(this);
    this.hotVertex.set(null);
    if (id === null) this.combining.set("new");
    this.picked.set(id);
  }

  /** Select one more, or one less. */
  toggleSelected(id: string): void {
    dropSimpler(this);
    this.picked.toggle(id);
  }

  notify(notice: Notice): void {
    this.options.notify(notice);
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

  /** Give a command to the gesture that runs; true when it took it. */
  commandToGesture(id: string): boolean {
    return this.toolbox.feedCommand(id);
  }

  /** Escape: the gesture, else the draft, else the selection. */
  escape(): void {
    if (this.toolbox.cancelGesture() || dropSimpler(this) || endTransform(this)) return;
    if (this.waiting.escape()) return;
    const proposal = this.proposals.state.get();
    if (proposal?.kind === "running") this.proposals.cancel();
    else if (this.marking.mode.get() !== null) this.marking.stop();
    else if (proposal) dropProposal(this);
    else if (this.combining.get() !== "new") this.combining.set("new");
    else {
      this.picked.work = null;
      this.select(null);
    }
  }

  /** What only the tool in hand showed goes with it. */
  putAway(): void {
    dropSimpler(this);
    endTransform(this);
    this.marking.stop();
    this.draft.set(null);
    this.hotVertex.set(null);
    this.hovered.set(null);
    this.tip.set(null);
  }

  takenUp(tool: Tool): void {
    this.proposals.fixed = tool.engine ?? null;
    // Who takes up the select tool right after drawing means to work on what was drawn.
    if (tool.id === "select" && !this.selected()) this.takeUpWork();
    if (tool.id === "select" || tool.keepsSelection) return;
    if (tool.isShape && this.combining.get() !== "new") return;
    this.picked.work = this.selection.get() ?? this.picked.work;
    this.select(null);
  }

  /** Select what was drawn last, or selected before the tool was taken up. */
  takeUpWork(): void {
    const { work } = this.picked;
    if (work && this.annotations.get(work)) this.select(work);
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
    this.dropped.forget();
    this.annotations.apply(changes);
    this.sync.push(changes);
    this.afterChange();
  }

  private afterChange(): void {
    dropSimpler(this);
    this.hotVertex.set(null);
    this.picked.forgetDeleted();
    if (!this.selected()) this.combining.set("new");
    this.showSteps();
  }

  private showSteps(): void {
    const undo = (this.dropped.last.get() ?? this.steps.undoable)?.name ?? null;
    const redo = this.steps.redoable?.name ?? null;
    this.history.set({ undo, redo });
  }
}
