import type { Coordinate } from "ol/coordinate";
import type { RenderFunction } from "ol/style/Style";
import type { BoxXYXY } from "../geometry/boxes";
import { type RLE, sampleRuns } from "../geometry/rle";
import { runsOf } from "./masks";
import { type Line, polygonsRenderer } from "./polygons-renderer";

/** Pixels of a picture at most; of a larger mask only every second or third pixel is shown. */
const MOST_PIXELS = 16_000_000;

interface Picture {
  readonly color: string;
  readonly canvas: HTMLCanvasElement;
  /** Pixels of the image that one of the canvas stands for, each way. */
  readonly step: number;
}

const pictures = new WeakMap<RLE, Picture>();

export function pictureOf(rle: RLE, [x0, y0, x1, y1]: BoxXYXY, color: string): Picture {
  const known = pictures.get(rle);
  if (known?.color === color) return known;
  const step = Math.ceil(Math.sqrt(((x1 - x0) * (y1 - y0)) / MOST_PIXELS));
  const { width, height, alpha } = sampleRuns(runsOf(rle), [x0, y0, x1, y1], step);
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext("2d");
  if (context) {
    const data = new ImageData(width, height);
    for (let i = 0; i < alpha.length; i++) data.data[i * 4 + 3] = alpha[i] as number;
    context.putImageData(data, 0, 0);
    context.globalCompositeOperation = "source-in";
    context.fillStyle = color;
    context.fillRect(0, 0, width, height);
  }
  const picture = { color, canvas, step };
  pictures.set(rle, picture);
  return picture;
}

/**
 * Draws a mask as a picture of pixels in the place of its box, which is the geometry.
 *
 * @param lines drawn around the box
 */
export function maskRenderer(
  rle: RLE,
  box: BoxXYXY,
  color: string,
  opacity: number,
  lines: readonly Line[],
): RenderFunction {
  const drawBox = polygonsRenderer("transparent", lines);
  return (coordinates, state) => {
    const { context } = state;
    const corners = (coordinates as Coordinate[][][]).flat(2);
    const xs = corners.map(([x = 0]) => x);
    const ys = corners.map(([, y = 0]) => y);
    const [left, top] = [Math.min(...xs), Math.min(...ys)];
    const { canvas, step } = pictureOf(rle, box, color);
    const side = ((Math.max(...xs) - left) / (box[2] - box[0])) * step;
    context.save();
    context.globalAlpha *= opacity;
    // As the image: smooth when a screen pixel holds more than one of the mask's, crisp squares when it holds less.
    context.imageSmoothingEnabled = side < 1;
    context.drawImage(canvas, left, top, canvas.width * side, canvas.height * side);
    context.restore();
    drawBox(coordinates, state);
  };
}
