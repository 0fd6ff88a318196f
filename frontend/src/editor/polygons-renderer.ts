import type { Coordinate } from "ol/coordinate";
import type { RenderFunction } from "ol/style/Style";

export interface Line {
  readonly color: string;
  /** In CSS pixels. */
  readonly width: number;
  readonly dash?: readonly number[];
}

function trace(context: CanvasRenderingContext2D, rings: readonly Coordinate[][]): void {
  context.beginPath();
  for (const ring of rings) {
    for (const [index, [x = 0, y = 0]] of ring.entries()) {
      if (index === 0) context.moveTo(x, y);
      else context.lineTo(x, y);
    }
    context.closePath();
  }
}

/**
 * Draws parts as they are rasterised: even–odd within a part, each part on its own. (OpenLayers fills by winding: the
 * middle of a pentagram would look inside and be exported as outside.)
 *
 * @param lines drawn one over the other, the first one lowest
 */
export function polygonsRenderer(fill: string, lines: readonly Line[]): RenderFunction {
  return (coordinates, { context, pixelRatio }) => {
    const parts = coordinates as Coordinate[][][];
    context.save();
    context.lineJoin = "round";
    context.lineCap = "round";
    context.fillStyle = fill;
    for (const rings of parts) {
      trace(context, rings);
      context.fill("evenodd");
      for (const { color, width, dash = [] } of lines) {
        context.strokeStyle = color;
        context.lineWidth = width * pixelRatio;
        context.setLineDash(dash.map((length) => length * pixelRatio));
        context.stroke();
      }
    }
    context.restore();
  };
}
