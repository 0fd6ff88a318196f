import Layer from "ol/layer/Layer";
import type { FrameState } from "ol/Map";
import CanvasLayerRenderer from "ol/renderer/canvas/Layer";
import type { BoxXYXY } from "../geometry/boxes";
import type { Size } from "../geometry/points";
import { type Annotation, boxOf } from "./annotation";
import { paintAnnotations, type Visible } from "./annotation-painter";
import { AnnotationPictures } from "./annotation-pictures";
import { CanvasEasel, CanvasScreen, type Scene, visibleOf } from "./canvas-tiles";
import { toImage } from "./coordinates";
import { type Section, sectionBox } from "./tile-grid";
import { MARGIN } from "./tiled-picture";

/** So few annotations, of so many device pixels together, are drawn anew in each frame: sharp even while it moves. */
const FEW = 120;
const FEW_PIXELS = 3_000_000;
/** More changes than this at once are drawn anew as a whole, a part a frame. */
const MANY = 50;

class Renderer extends CanvasLayerRenderer<AnnotationLayer> {
  private pictures: AnnotationPictures<HTMLCanvasElement, Visible> | null = null;
  private pixelRatio = 0;

  constructor(
    layer: AnnotationLayer,
    private readonly scene: Scene,
    private readonly image: Size,
  ) {
    super(layer);
  }

  spoil(box: BoxXYXY): void {
    this.pictures?.spoil(box);
  }

  renew(): void {
    this.pictures?.renew();
  }

  override prepareFrame(): boolean {
    return true;
  }

  override renderFrame(frame: FrameState, target: HTMLElement | null): HTMLElement {
    this.prepareContainer(frame, target as HTMLElement);
    const context = this.context as CanvasRenderingContext2D;
    const { pixelRatio } = frame;
    const { width, height } = context.canvas;
    const scale = pixelRatio / frame.viewState.resolution;
    const [x, y] = toImage(frame.viewState.center);
    const section: Section = {
      scale,
      x: x * scale - width / 2,
      y: y * scale - height / 2,
      width,
      height,
    };
    context.save();
    if (!this.drawAtOnce(context, section, pixelRatio)) {
      const screen = new CanvasScreen(context);
      if (this.picturesFor(pixelRatio).draw(section, screen)) frame.animate = true;
    }
    context.restore();
    return this.container as HTMLElement;
  }

  override disposeInternal(): void {
    this.pictures?.drop();
    this.pictures = null;
    super.disposeInternal();
  }

  private picturesFor(pixelRatio: number): AnnotationPictures<HTMLCanvasElement, Visible> {
    if (!this.pictures || pixelRatio !== this.pixelRatio) {
      const easel = new CanvasEasel(this.scene, pixelRatio);
      this.pictures = new AnnotationPictures(this.image, easel, pixelRatio);
      this.pixelRatio = pixelRatio;
    }
    return this.pictures;
  }

  private drawAtOnce(
    context: CanvasRenderingContext2D,
    section: Section,
    pixelRatio: number,
  ): boolean {
    const { scene, image } = this;
    const view = sectionBox(section, image, MARGIN * pixelRatio);
    const found = scene.touching(view);
    if (found.length > FEW || pixelsIn(found, view) * section.scale ** 2 > FEW_PIXELS) return false;
    const visible = visibleOf(scene, found);
    paintAnnotations(context, visible, { ...section, pixelRatio });
    return true;
  }
}

/** How much of the view is covered, in the image's pixels, what is covered twice counted twice. */
function pixelsIn(annotations: readonly Annotation[], view: BoxXYXY): number {
  return annotations.reduce((total, annotation) => {
    const [x0, y0, x1, y1] = boxOf(annotation);
    const width = Math.min(x1, view[2]) - Math.max(x0, view[0]);
    const height = Math.min(y1, view[3]) - Math.max(y0, view[1]);
    return total + Math.max(width, 0) * Math.max(height, 0);
  }, 0);
}

/** The resting annotations, however many there are. */
export class AnnotationLayer extends Layer {
  constructor(
    private readonly scene: Scene,
    private readonly image: Size,
  ) {
    super({});
  }

  /** What is in these boxes is to be drawn anew. */
  spoil(boxes: readonly BoxXYXY[]): void {
    if (boxes.length > MANY) this.own.renew();
    else for (const box of boxes) this.own.spoil(box);
    this.changed();
  }

  /** Everything is to be drawn anew. */
  renew(): void {
    this.own.renew();
    this.changed();
  }

  override createRenderer(): Renderer {
    return new Renderer(this, this.scene, this.image);
  }

  private get own(): Renderer {
    return this.getRenderer() as unknown as Renderer;
  }
}
