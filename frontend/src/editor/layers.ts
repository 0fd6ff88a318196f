import type BaseLayer from "ol/layer/Base";
import ImageLayer from "ol/layer/Image";
import VectorLayer from "ol/layer/Vector";
import VectorSource from "ol/source/Vector";
import { boxCorners } from "../geometry/boxes";
import type { Size } from "../geometry/points";
import { ringFromPoints } from "../geometry/rings";
import { type Annotation, boxOf } from "./annotation";
import { AnnotationLayer } from "./annotation-layer";
import { colorIn } from "./appearance";
import { BrushLayer } from "./brush-layer";
import { imageExtent } from "./coordinates";
import { DraftLayer } from "./draft-layer";
import type { Editor } from "./editor";
import { replacedBy } from "./options";
import { PictureSource } from "./picture";
import { polygonsFeature } from "./shapes";
import { type AnnotationLook, voidStyle } from "./styles";

function wholeImage({ width, height }: Size) {
  return polygonsFeature([[ringFromPoints(boxCorners([0, 0, width, height]))]]);
}

/** One layer for all scales: a second one would decode the image a second time, at 8K for most of a second. */
function imageLayer(url: string, size: Size): BaseLayer {
  const layer = new ImageLayer({
    source: new PictureSource(url, size),
    extent: imageExtent(size),
  });
  // Smooth when a screen pixel holds more than one image pixel, crisp squares when it holds less.
  layer.on("prerender", ({ context, frameState }) => {
    const resolution = frameState?.viewState.resolution ?? 1;
    (context as CanvasRenderingContext2D).imageSmoothingEnabled = resolution >= 1;
  });
  return layer;
}

/** What is drawn: the image, its annotations, and over them what is being worked on. */
export class Layers {
  readonly all: readonly BaseLayer[];
  private readonly drafts: DraftLayer;
  private readonly brush: BrushLayer;
  private readonly stops: (() => void)[] = [];
  private readonly annotationLayer: AnnotationLayer;
  /** The annotations that a draft is drawn instead of. */
  private replaced: readonly string[] = [];
  /** Under the annotations: what is seen of it has no owner. */
  private readonly voidLayer: VectorLayer;
  private hidden: ReadonlySet<string>;
  private selected: string | null;

  constructor(
    private readonly editor: Editor,
    imageUrl: string,
    size: Size,
  ) {
    this.hidden = editor.hidden.get();
    this.selected = editor.selection.get();
    this.annotationLayer = new AnnotationLayer(
      {
        touching: (box) => editor.annotations.touching(box),
        lookOf: (annotation) => this.lookOf(annotation),
      },
      size,
    );
    this.drafts = new DraftLayer(editor);
    this.brush = new BrushLayer(editor);
    this.voidLayer = new VectorLayer({
      source: new VectorSource({ features: [wholeImage(size)] }),
      style: voidStyle(),
      visible: false,
      updateWhileInteracting: true,
      updateWhileAnimating: true,
    });
    const over = [this.drafts.layer, this.brush.layer];
    this.all = [imageLayer(imageUrl, size), this.voidLayer, this.annotationLayer, ...over];
  }

  /** Follow the editor's state. */
  start(): void {
    const { editor, annotationLayer } = this;
    const redraft = () => this.drafts.draw(this.replaced);
    this.stops.push(
      editor.annotations.watch((replacements) => {
        const touched = replacements.flatMap(({ before, after }) => [before ?? [], after ?? []]);
        annotationLayer.spoil(touched.flat().map(boxOf));
      }),
      editor.annotations.subscribe(redraft),
      editor.categories.subscribe(() => annotationLayer.renew()),
      editor.drawing.opacity.subscribe(() => annotationLayer.renew()),
      editor.drawing.isByInstance.subscribe(() => annotationLayer.renew()),
      editor.view.subscribe((view) => {
        this.voidLayer.setVisible(view !== "annotations");
        annotationLayer.renew();
      }),
      editor.hidden.subscribe((hidden) => {
        const before = this.hidden;
        this.hidden = hidden;
        const changed = [...before, ...hidden].filter((id) => before.has(id) !== hidden.has(id));
        this.respoil(changed);
        redraft();
      }),
      // The hovered one is drawn once more over the others: to style a thousand anew at each move is slow.
      editor.hovered.subscribe(redraft),
      editor.selection.subscribe((selected) => {
        const changed = [this.selected, selected];
        this.selected = selected;
        this.respoil(changed);
        redraft();
      }),
      editor.others.subscribe(redraft),
      editor.disputes.open.subscribe(redraft),
      editor.draft.subscribe((draft) => {
        const replaced = replacedBy(draft);
        if (String(replaced) !== String(this.replaced)) {
          const changed = [...this.replaced, ...replaced];
          this.replaced = replaced;
          this.respoil(changed);
        }
        redraft();
      }),
      editor.proposals.state.subscribe(redraft),
      editor.marking.mode.subscribe(redraft),
      editor.transform.subscribe(redraft),
      this.brush.follow(),
      editor.hotVertex.subscribe(redraft),
      editor.waiting.outlines.subscribe(redraft),
    );
  }

  stop(): void {
    for (const stop of this.stops.splice(0)) stop();
  }

  /** These look different now. */
  private respoil(ids: Iterable<string | null>): void {
    const { annotations } = this.editor;
    const boxes = [...ids].flatMap((id) => {
      const annotation = id === null ? undefined : annotations.get(id);
      return annotation ? [boxOf(annotation)] : [];
    });
    if (boxes.length > 0) this.annotationLayer.spoil(boxes);
  }

  private lookOf(annotation: Annotation): AnnotationLook | null {
    const { id, category_id } = annotation;
    if (this.hidden.has(id) || this.replaced.includes(id)) return null;
    const { view, drawing } = this.editor;
    const isFlat = view.get() !== "annotations";
    const shown = !isFlat && drawing.isByInstance.get() ? "instance" : view.get();
    return {
      color: colorIn(shown, annotation, this.editor.categoryOf(category_id)),
      isSelected: id === this.selected,
      isFlat,
      opacity: drawing.opacity.get(),
    };
  }
}
