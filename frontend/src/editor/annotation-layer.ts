import Layer from "ol/layer/Layer";
import type { FrameState } from "ol/Map";
import CanvasLayerRenderer from "ol/renderer/canvas/Layer";
import type { BoxXYXY } from "../geometry/boxes";
import type { Size } from "../geometry/points";
import { type Annotation, boxOf } from "./annotation";
import { paintAnnotations, type Visible } from "./annotation-painter";
import { AnnotationPictures } from "./annotation-pictures";
import { CanvasEasel, CanvasScreen, contextOf, type Scene, visibleOf } from "./canvas-tiles";
import { toImage } from "./coordinates";
import { type SheetEasel, StillPicture } from "./still-picture";
import { type Section, sectionBox } from "./tile-grid";
import { MARGIN } from "./tiled-picture";

/** So few annotations, of so many device pixels together, are drawn anew while the view moves: sharp in each frame. */
const FEW = 120;
const FEW_PIXELS = 3_000_000;
/** More changes than this at once are drawn anew as a whole, a part a frame. */
const MANY = 50;

/** Few annotations, on a canvas of the view's size. */
class CanvasSheets implements SheetEasel<HTMLCanvasElement> {
  constructor(
    private readonly scene: Scene,
    private readonly image: Size,
    private readonly pixelRatio: number,
  ) {}

  blank({ width, height }: Section): HTMLCanvasElement {
    const canvas = document.createElement("canvas");
    canvas.width = width;
    canvas.height = height;
    return canvas;
  }

  paint(sheet: HTMLCanvasElement, section: Section, pixels: BoxXYXY | null): void {
    const { scene, pixelRatio } = this;
    const [x0, y0, x1, y1] = pixels ?? [0, 0, section.width, section.height];
    const part = {
      ...section,
      x: section.x + x0,
      y: section.y + y0,
      width: x1 - x0,
      height: y1 - y0,
    };
    const found = scene.touching(sectionBox(part, this.image, MARGIN * pixelRatio));
    const context = contextOf(sheet);
    context.save();
    context.beginPath();
    context.rect(x0, y0, x1 - x0, y1 - y0);
    context.clip();
    context.clearRect(x0, y0, x1 - x0, y1 - y0);
    paintAnnotations(context, visibleOf(scene, found), { ...section, pixelRatio });
    context.restore();
  }
}

class Renderer extends CanvasLayerRenderer<AnnotationLayer> {
  private still: StillPicture<HTMLCanvasElement> | null = null;
  private pictures: AnnotationPictures<HTMLCanvasElement, Visible> | null = null;
  private pixelRatio = 0;
  private stillRatio = 0;

  constructor(
    layer: AnnotationLayer,
    private readonly scene: Scene,
    private readonly image: Size,
  ) {
    super(layer);
  }

  spoil(box: BoxXYXY): void {
    this.still?.spoil(box);
    this.pictures?.spoil(box);
  }

  renew(): void {
    this.still?.drop();
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
      this.still?.drop();
      const screen = new CanvasScreen(context);
      if (this.picturesFor(pixelRatio).draw(section, screen)) frame.animate = true;
    }
    context.restore();
    return this.container as HTMLElement;
  }

  override disposeInternal(): void {
    this.still = null;
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

  private stillFor(pixelRatio: number): StillPicture<HTMLCanvasElement> {
    if (!this.still || pixelRatio !== this.stillRatio) {
      const sheets = new CanvasSheets(this.scene, this.image, pixelRatio);
      this.still = new StillPicture(sheets, pixelRatio);
      this.stillRatio = pixelRatio;
    }
    return this.still;
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
    const sheet = this.stillFor(pixelRatio).draw(section);
    if (sheet) context.drawImage(sheet, 0, 0);
    else paintAnnotations(context, visibleOf(scene, found), { ...section, pixelRatio });
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
