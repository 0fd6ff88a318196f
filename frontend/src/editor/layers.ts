import Feature from "ol/Feature";
import type BaseLayer from "ol/layer/Base";
import ImageLayer from "ol/layer/Image";
import VectorLayer from "ol/layer/Vector";
import ImageStatic from "ol/source/ImageStatic";
import VectorSource from "ol/source/Vector";
import type { Size } from "../geometry/points";
import type { Annotation } from "./annotation";
import { BrushLayer } from "./brush-layer";
import { imageExtent, polygonsToMap } from "./coordinates";
import { DraftLayer } from "./draft-layer";
import type { Editor } from "./editor";
import { replacedBy } from "./options";
import { outline, paintOf } from "./shapes";
import { annotationStyle } from "./styles";

function imageLayers(url: string, size: Size): BaseLayer[] {
  const options = { url, imageExtent: imageExtent(size) };
  return [
    // Smooth when a screen pixel holds more than one image pixel, crisp squares when it holds less.
    new ImageLayer({
      source: new ImageStatic({ ...options, interpolate: true }),
      minResolution: 1,
    }),
    new ImageLayer({
      source: new ImageStatic({ ...options, interpolate: false }),
      maxResolution: 1,
    }),
  ];
}

/** What is drawn: the image, its annotations, and over them what is being worked on. */
export class Layers {
  readonly all: readonly BaseLayer[];
  private readonly annotations = new VectorSource();
  private readonly drafts: DraftLayer;
  private readonly brush: BrushLayer;
  private readonly drawn = new Map<string, Annotation>();
  private readonly stops: (() => void)[] = [];
  private readonly annotationLayer: VectorLayer;
  /** The annotations that a draft is drawn instead of. */
  private replaced: readonly string[] = [];

  constructor(
    private readonly editor: Editor,
    imageUrl: string,
    size: Size,
  ) {
    this.annotationLayer = new VectorLayer({
      source: this.annotations,
      style: (feature) => this.styleOf(String(feature.getId())),
      updateWhileInteracting: true,
      updateWhileAnimating: true,
    });
    this.drafts = new DraftLayer(editor);
    this.brush = new BrushLayer(editor);
    const over = [this.drafts.layer, this.brush.layer];
    this.all = [...imageLayers(imageUrl, size), this.annotationLayer, ...over];
  }

  /** Follow the editor's state. */
  start(): void {
    const { editor } = this;
    const restyle = () => this.annotationLayer.changed();
    const redraft = () => this.drafts.draw(this.replaced);
    this.stops.push(
      editor.annotations.subscribe(() => {
        this.syncAnnotations();
        redraft();
      }),
      editor.categories.subscribe(restyle),
      editor.hidden.subscribe(() => {
        restyle();
        redraft();
      }),
      // The hovered one is drawn once more over the others: to style a thousand anew at each move is slow.
      editor.hovered.subscribe(redraft),
      editor.selection.subscribe(() => {
        restyle();
        redraft();
      }),
      editor.others.subscribe(redraft),
      editor.disputes.open.subscribe(redraft),
      editor.draft.subscribe((draft) => {
        const replaced = replacedBy(draft);
        if (String(replaced) !== String(this.replaced)) {
          this.replaced = replaced;
          restyle();
        }
        redraft();
      }),
      editor.proposals.state.subscribe(redraft),
      editor.marking.mode.subscribe(redraft),
      this.brush.follow(),
      editor.hotVertex.subscribe(redraft),
      editor.awaitingCategory.subscribe(redraft),
    );
    this.syncAnnotations();
  }

  stop(): void {
    for (const stop of this.stops.splice(0)) stop();
  }

  private syncAnnotations(): void {
    const all = this.editor.annotations.all();
    const present = new Set(all.map((annotation) => annotation.id));
    for (const id of this.drawn.keys()) {
      if (present.has(id)) continue;
      const feature = this.annotations.getFeatureById(id);
      if (feature) this.annotations.removeFeature(feature);
      this.drawn.delete(id);
    }
    for (const annotation of all) {
      const before = this.drawn.get(annotation.id);
      if (before === annotation) continue;
      this.drawn.set(annotation.id, annotation);
      const feature = this.annotations.getFeatureById(annotation.id);
      const geometry = polygonsToMap(outline(annotation.segmentation));
      if (feature) feature.setGeometry(geometry);
      else {
        const fresh = new Feature(geometry);
        fresh.setId(annotation.id);
        this.annotations.addFeature(fresh);
      }
    }
  }

  private styleOf(id: string) {
    const { editor } = this;
    const annotation = editor.annotations.get(id);
    if (!annotation || editor.hidden.get().has(id) || this.replaced.includes(id)) return [];
    const isSelected = editor.selection.get() === id;
    return annotationStyle(
      editor.colorOf(annotation.category_id),
      { zIndex: annotation.z_order, isSelected },
      paintOf(annotation.segmentation, isSelected),
    );
  }
}
