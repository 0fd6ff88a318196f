import type { BoxXYXY } from "../geometry/boxes";
import type { Annotation } from "./annotation";
import { byZOrder } from "./annotation-index";
import { paintAnnotations, type Visible } from "./annotation-painter";
import type { Screen } from "./annotation-pictures";
import type { AnnotationLook } from "./styles";
import type { Cell, TileGrid } from "./tile-grid";
import type { Easel } from "./tiled-picture";

/** What is drawn. */
export interface Scene {
  /** Annotations whose boxes touch the box, in no order. */
  touching(box: BoxXYXY): readonly Annotation[];
  /** Null: it is not to be seen, or drawn by somebody else. */
  lookOf(annotation: Annotation): AnnotationLook | null;
}

/** Those of the annotations that are seen, lowest first. */
export function visibleOf(scene: Scene, annotations: readonly Annotation[]): Visible[] {
  return [...annotations].sort(byZOrder).flatMap((annotation) => {
    const look = scene.lookOf(annotation);
    return look ? [{ annotation, look }] : [];
  });
}

const MOST_SPARE = 32;

export function contextOf(canvas: HTMLCanvasElement): CanvasRenderingContext2D {
  const context = canvas.getContext("2d");
  if (!context) throw new Error("The browser gives no more canvases.");
  return context;
}

/** Tiles are canvases of their own. */
export class CanvasEasel implements Easel<HTMLCanvasElement, Visible> {
  private readonly drop = contextOf(document.createElement("canvas"));
  /** A new canvas costs as much as thirty annotations. */
  private readonly spare: HTMLCanvasElement[] = [];

  constructor(
    private readonly scene: Scene,
    private readonly pixelRatio: number,
  ) {}

  blank(side: number): HTMLCanvasElement {
    const spare = this.spare.pop();
    if (spare) {
      contextOf(spare).clearRect(0, 0, side, side);
      return spare;
    }
    const canvas = document.createElement("canvas");
    canvas.width = side;
    canvas.height = side;
    return canvas;
  }

  giveBack(canvas: HTMLCanvasElement): void {
    if (this.spare.length < MOST_SPARE) this.spare.push(canvas);
  }

  itemsIn(box: BoxXYXY): Visible[] {
    return visibleOf(this.scene, this.scene.touching(box));
  }

  paint(
    canvas: HTMLCanvasElement,
    grid: TileGrid,
    cell: Cell,
    visible: readonly Visible[],
    pixels: BoxXYXY | null,
  ): void {
    const context = contextOf(canvas);
    context.save();
    if (pixels) {
      const [x0, y0, x1, y1] = pixels;
      context.beginPath();
      context.rect(x0, y0, x1 - x0, y1 - y0);
      context.clip();
      context.clearRect(x0, y0, x1 - x0, y1 - y0);
    }
    const [x, y] = grid.cornerOf(cell);
    const placement = { scale: grid.scale, x, y, pixelRatio: this.pixelRatio };
    paintAnnotations(context, visible, placement);
    context.restore();
  }

  settle(canvas: HTMLCanvasElement): void {
    // Browsers note what is drawn and do it when the canvas is read.
    this.drop.drawImage(canvas, 0, 0, 1, 1, 0, 0, 1, 1);
  }
}

/** Tiles are copied to a canvas. */
export class CanvasScreen implements Screen<HTMLCanvasElement> {
  constructor(private readonly context: CanvasRenderingContext2D) {}

  put(canvas: HTMLCanvasElement, [x0, y0, x1, y1]: BoxXYXY, isCopied: boolean): void {
    this.context.imageSmoothingEnabled = !isCopied;
    this.context.drawImage(canvas, x0, y0, x1 - x0, y1 - y0);
  }

  within([x0, y0, x1, y1]: BoxXYXY, put: () => void): void {
    const { context } = this;
    context.save();
    context.beginPath();
    context.rect(x0, y0, x1 - x0, y1 - y0);
    context.clip();
    put();
    context.restore();
  }
}
