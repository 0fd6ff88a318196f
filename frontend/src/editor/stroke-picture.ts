import type { BoxXYXY } from "../geometry/boxes";
import type { Spans } from "../geometry/spans";

const SIDE = 512;

/**
 * Pixels that a stroke has covered so far, as small canvases of the image's own resolution: only where the stroke has
 * been, so that it costs by the stroke and not by the image.
 */
export class StrokePicture {
  private readonly tiles = new Map<
    string,
    { readonly at: BoxXYXY; readonly canvas: HTMLCanvasElement }
  >();

  constructor(private readonly color: string) {}

  paint({ lines, starts, ends }: Spans): void {
    for (let k = 0; k < lines.length; k++) {
      const row = lines[k] as number;
      const end = ends[k] as number;
      for (let start = starts[k] as number; start < end; ) {
        const stop = Math.min(end, (Math.floor(start / SIDE) + 1) * SIDE);
        this.fillRow(row, start, stop);
        start = stop;
      }
    }
  }

  /** @param context whose units are the image's pixels */
  draw(context: CanvasRenderingContext2D): void {
    for (const { at, canvas } of this.tiles.values()) {
      const [x0, y0, x1, y1] = at;
      context.drawImage(canvas, x0, y0, x1 - x0, y1 - y0);
    }
  }

  private fillRow(row: number, start: number, stop: number): void {
    const [left, top] = [Math.floor(start / SIDE) * SIDE, Math.floor(row / SIDE) * SIDE];
    const key = `${left} ${top}`;
    const canvas = this.tiles.get(key)?.canvas ?? document.createElement("canvas");
    if (!this.tiles.has(key)) {
      canvas.width = SIDE;
      canvas.height = SIDE;
      this.tiles.set(key, { at: [left, top, left + SIDE, top + SIDE], canvas });
    }
    const context = canvas.getContext("2d");
    if (!context) return;
    context.fillStyle = this.color;
    context.fillRect(start - left, row - top, stop - start, 1);
  }
}
