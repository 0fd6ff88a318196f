import type { BoxXYXY } from "./boxes";
import { quantise } from "./points";
import type { Ring } from "./rings";

/** How far the ring's edges may lie from the ellipse, in pixels. */
const TOLERANCE = 0.1;
const LEAST = 16;
const MOST = 256;

/** The ellipse that fills a box, as a ring of vertices on the pointer's grid. */
export function ellipseRing([x0, y0, x1, y1]: BoxXYXY): Ring {
  const [radiusX, radiusY] = [(x1 - x0) / 2, (y1 - y0) / 2];
  const longest = Math.max(radiusX, radiusY, TOLERANCE);
  const wanted = Math.ceil(Math.PI / Math.acos(1 - Math.min(TOLERANCE / longest, 1)));
  const count = Math.min(Math.max(wanted + (wanted % 2), LEAST), MOST);
  return Array.from({ length: count }, (_, i) => {
    const angle = (2 * Math.PI * i) / count;
    return [
      quantise(x0 + radiusX * (1 + Math.cos(angle))),
      quantise(y0 + radiusY * (1 + Math.sin(angle))),
    ];
  }).flat();
}
