import type { Coordinate } from "ol/coordinate";
import type { RenderFunction } from "ol/style/Style";
import type { Size } from "../geometry/points";
import { isPolygons, type Segmentation, segmentationBox } from "./annotation";
import { pictureOf } from "./mask-renderer";
import { isRough, outlineOf } from "./masks";
import type { StrokePicture } from "./stroke-picture";

export interface Stroked {
  /** What the stroke is added to, or taken from. */
  readonly base: Segmentation | null;
  readonly picture: StrokePicture;
  readonly isAdding: boolean;
  readonly color: string;
  readonly opacity: number;
}

const scratch = { canvas: null as HTMLCanvasElement | null };

/** An empty canvas as large as that one: what is drawn on it is then laid over the other with one opacity. */
function scratchLike({ width, height }: HTMLCanvasElement | OffscreenCanvas): HTMLCanvasElement {
  scratch.canvas ??= document.createElement("canvas");
  scratch.canvas.width = width;
  scratch.canvas.height = height;
  return scratch.canvas;
}

function fillBase(context: CanvasRenderingContext2D, base: Segmentation, color: string): void {
  if (!isPolygons(base) && isRough(base)) {
    const box = segmentationBox(base);
    const { canvas, step } = pictureOf(base, box, color);
    context.drawImage(canvas, box[0], box[1], canvas.width * step, canvas.height * step);
    return;
  }
  context.fillStyle = color;
  for (const part of isPolygons(base) ? base : [outlineOf(base)]) {
    context.beginPath();
    for (const ring of part) {
      context.moveTo(ring[0] as number, ring[1] as number);
      for (let i = 2; i < ring.length; i += 2) {
        context.lineTo(ring[i] as number, ring[i + 1] as number);
      }
      context.closePath();
    }
    context.fill("evenodd");
  }
}

/** Draws a segmentation with a stroke added or taken away, pixel by pixel; the geometry is the image's box. */
export function strokeRenderer({ width }: Size, stroked: Stroked): RenderFunction {
  const { base, picture, isAdding, color, opacity } = stroked;
  return (coordinates, { context }) => {
    const corners = (coordinates as Coordinate[][][]).flat(2);
    const left = Math.min(...corners.map(([x = 0]) => x));
    const right = Math.max(...corners.map(([x = 0]) => x));
    const top = Math.min(...corners.map(([, y = 0]) => y));
    const scale = (right - left) / width;
    const canvas = scratchLike(context.canvas);
    const over = canvas.getContext("2d");
    if (!over) return;
    over.setTransform(scale, 0, 0, scale, left, top);
    over.imageSmoothingEnabled = scale < 1;
    if (base) fillBase(over, base, color);
    if (!isAdding) over.globalCompositeOperation = "destination-out";
    picture.draw(over);
    context.save();
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.globalAlpha = opacity;
    context.drawImage(canvas, 0, 0);
    context.restore();
  };
}
