import type BaseLayer from "ol/layer/Base";
import ImageLayer from "ol/layer/Image";
import ImageStatic from "ol/source/ImageStatic";
import type { Size } from "../geometry/points";
import { type Annotation, boxOf } from "./annotation";
import { AnnotationLayer } from "./annotation-layer";
import { BrushLayer } from "./brush-layer";
import { imageExtent } from "./coordinates";
import { DraftLayer } from "./draft-layer";
import type { Editor } from "./editor";
import type { AnnotationLook } from "./styles";

/** One layer for all scales: a second one would decode the image a second time, at 8K for most of a second. */
function imageLayer(url: string, size: Size): BaseLayer {
  const layer = new ImageLayer({
    source: new ImageStatic({ url, imageExtent: imageExtent(size) }),
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
  /** The annotation that a draft is drawn instead of. */
  private replaced: string | null = null;
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
    const over = [this.drafts.layer, this.brush.layer];
    this.all = [imageLayer(imageUrl, size), this.annotationLayer, ...over];
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
      editor.draft.subscribe((draft) => {
        const replaced = draft?.kind === "change" ? draft.id : null;
        if (replaced !== this.replaced) {
          const changed = [this.replaced, replaced];
          this.replaced = replaced;
          this.respoil(changed);
        }
        redraft();
      }),
      editor.proposals.state.subscribe(redraft),
      editor.marking.mode.subscribe(redraft),
      this.brush.follow(),
      editor.hotVertex.subscribe(redraft),
      editor.awaitingCategory.subscribe(redraft),
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

  private lookOf({ id, category_id }: Annotation): AnnotationLook | null {
    if (this.hidden.has(id) || id === this.replaced) return null;
    return { color: this.editor.colorOf(category_id), isSelected: id === this.selected };
  }
}
