import Feature from "ol/Feature";
import DragPan from "ol/interaction/DragPan";
import VectorLayer from "ol/layer/Vector";
import VectorSource from "ol/source/Vector";
import { polygonsToMap } from "./coordinates";
import type { Editor } from "./editor";
import type { Notice } from "./options";
import { type Contents, changesTo } from "./past";
import { outline, paintOf } from "./shapes";
import { Signal } from "./signal";
import { annotationStyle } from "./styles";

/** The annotations as they were after a deed. */
export interface Moment {
  /** Of the deed; null: before the first one. */
  readonly id: number | null;
  readonly contents: Contents;
  /** Revisions of annotations that are deleted now. */
  readonly deleted: readonly { readonly id: string; readonly revision: number }[];
}

/** The image as it was at an earlier moment: drawn instead of what is there now, only to be looked at. */
export class PastView {
  readonly moment = new Signal<Moment | null>(null);
  private readonly source = new VectorSource();
  private readonly layer = new VectorLayer({ source: this.source });
  private stops: (() => void)[] = [];
  private selectedBefore: string | null = null;

  constructor(
    private readonly editor: Editor,
    private readonly notify: (notice: Notice) => void,
  ) {}

  /** Whether nothing may be changed, since an earlier moment is looked at; if so, the user is told. */
  forbids(): boolean {
    if (this.moment.get() === null) return false;
    this.notify({
      kind: "info",
      title: "This is an earlier moment",
      detail: "Go back to now to go on working, or restore it.",
    });
    return true;
  }

  show(moment: Moment): void {
    const { editor } = this;
    if (this.moment.get() === null) {
      // It would be lost: the tool in hand is laid down.
      if (editor.unfinished.forbids()) return;
      editor.putAway();
      this.selectedBefore = editor.selection.get();
      editor.select(null);
      editor.viewport.setInteractions([new DragPan()]);
      editor.viewport.setCursor("grab");
      const leave = () => this.leave();
      // Who takes up a tool or an annotation of the list means the present.
      this.stops = [editor.tool.subscribe(leave), editor.selection.subscribe(leave)];
    }
    this.draw(moment);
    editor.viewport.showInstead(this.layer);
    this.moment.set(moment);
  }

  /** Back to now. */
  leave(): void {
    if (this.moment.get() === null) return;
    for (const stop of this.stops.splice(0)) stop();
    this.moment.set(null);
    this.source.clear();
    const { editor } = this;
    editor.viewport.showInstead(null);
    const selected = editor.selection.get() ?? this.selectedBefore ?? "";
    editor.setTool(editor.tool.get().id);
    editor.select(editor.annotations.get(selected) ? selected : null);
  }

  /**
   * Make the annotations as they were: a change like any other, and one step to undo.
   *
   * @returns how many annotations stay away, since their category is gone
   */
  restore(): number {
    const moment = this.moment.get();
    if (!moment) return 0;
    const { editor } = this;
    this.leave();
    editor.sync.knowDeleted(moment.deleted);
    const known = new Set(editor.categories.get().map(({ id }) => id));
    const changes = changesTo(moment.contents, editor.annotations.all());
    const possible = changes.filter(({ after }) => after === null || known.has(after.category_id));
    if (possible.length > 0) editor.commit("Restore an earlier moment", possible);
    return changes.length - possible.length;
  }

  private draw({ contents }: Moment): void {
    this.source.clear();
    for (const [id, { segmentation, category_id, z_order }] of contents) {
      const feature = new Feature(polygonsToMap(outline(segmentation)));
      feature.setId(id);
      const color = this.editor.colorOf(category_id);
      const look = { zIndex: z_order, isSelected: false };
      feature.setStyle(annotationStyle(color, look, paintOf(segmentation, false)));
      this.source.addFeature(feature);
    }
  }
}
