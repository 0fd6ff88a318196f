import { type BoxXYXY, boxCorners, boxFromCorners, toXYXY } from "./boxes";
import { maskToSpans, spansToMask } from "./mask";
import { clamp, clampPoint, type Point, type Size } from "./points";
import type { Polygons } from "./polygons";
import { ringFromPoints, vertexAt, vertexCount } from "./rings";
import type { Runs } from "./rle";
import { runsBbox, runsToSpans, spansToRuns } from "./runs";

/** p ↦ about + [[a, c], [b, d]] (p − about) + shift. Kept with its fixed point, which is then hit to the last bit. */
export interface Affine {
  readonly about: Point;
  readonly matrix: readonly [a: number, b: number, c: number, d: number];
  readonly shift: Point;
}

export function scaling(about: Point, x: number, y: number): Affine {
  return { about, matrix: [x, 0, 0, y], shift: [0, 0] };
}

/** Clockwise on the screen (y down); by quarters of a turn exactly. */
export function turning(about: Point, degrees: number): Affine {
  const quarters = degrees / 90;
  const angle = (degrees * Math.PI) / 180;
  const isExact = Number.isInteger(quarters);
  const round = (value: number) => (isExact ? Math.round(value) : value);
  const [cos, sin] = [round(Math.cos(angle)), round(Math.sin(angle))];
  return { about, matrix: [cos, sin, -sin, cos], shift: [0, 0] };
}

export function transformPoint({ about, matrix, shift }: Affine, [x, y]: Point): Point {
  const [a, b, c, d] = matrix;
  const [dx, dy] = [x - about[0], y - about[1]];
  return [about[0] + (a * dx + c * dy) + shift[0], about[1] + (b * dx + d * dy) + shift[1]];
}

function inverse({ about, matrix: [a, b, c, d], shift }: Affine): (point: Point) => Point {
  const det = a * d - b * c;
  return ([x, y]) => {
    const [dx, dy] = [x - about[0] - shift[0], y - about[1] - shift[1]];
    return [about[0] + (d * dx - c * dy) / det, about[1] + (a * dy - b * dx) / det];
  };
}

function mapVertices(polygons: Polygons, map: (point: Point) => Point): Polygons {
  return polygons.map((part) =>
    part.map((ring) =>
      ringFromPoints(Array.from({ length: vertexCount(ring) }, (_, i) => map(vertexAt(ring, i)))),
    ),
  );
}

export function transformPolygons(polygons: Polygons, affine: Affine): Polygons {
  return mapVertices(polygons, (point) => transformPoint(affine, point));
}

/** Vertices that rounding put out of the image, back on its border. */
export function clampPolygons(polygons: Polygons, size: Size): Polygons {
  return mapVertices(polygons, (point) => clampPoint(point, size));
}

function boxAfter(affine: Affine, box: BoxXYXY, { width, height }: Size): BoxXYXY {
  const corners = boxCorners(box).map((corner) => transformPoint(affine, corner));
  const side = (values: readonly number[], size: number): [number, number] => [
    clamp(Math.floor(Math.min(...values)), 0, size),
    clamp(Math.ceil(Math.max(...values)), 0, size),
  ];
  const [x0, x1] = side(
    corners.map(([x]) => x),
    width,
  );
  const [y0, y1] = side(
    corners.map(([, y]) => y),
    height,
  );
  return boxFromCorners([x0, y0], [x1, y1]);
}

/**
 * A mask transformed by its nearest pixels: a pixel is inside when the place that its centre came from is. Each time
 * loses a little, but turns by quarters and scaling by whole numbers lose nothing.
 */
export function transformRuns(runs: Runs, affine: Affine): Runs {
  const { width, height } = runs;
  const bbox = runsBbox(runs);
  const source = spansToMask(runsToSpans(runs), bbox);
  const [x0, y0, x1, y1] = boxAfter(affine, toXYXY(bbox), { width, height });
  const [w, h] = [x1 - x0, y1 - y0];
  const pixels = new Uint8Array(w * h);
  const back = inverse(affine);
  // The way back is straight: one step to the right is the same everywhere.
  const [stepX, stepY] = [back([1, 0])[0] - back([0, 0])[0], back([1, 0])[1] - back([0, 0])[1]];
  for (let i = 0; i < h; i++) {
    const [startX, startY] = back([x0 + 0.5, y0 + i + 0.5]);
    for (let j = 0; j < w; j++) {
      const column = Math.floor(startX + j * stepX) - bbox[0];
      const row = Math.floor(startY + j * stepY) - bbox[1];
      if (column < 0 || row < 0 || column >= source.width || row >= source.height) continue;
      pixels[i * w + j] = source.pixels[row * source.width + column] as number;
    }
  }
  const { lines, starts, ends } = maskToSpans({ width: w, height: h, pixels });
  const moved = {
    lines: lines.map((line) => line + y0),
    starts: starts.map((start) => start + x0),
    ends: ends.map((end) => end + x0),
  };
  return spansToRuns(moved, { width, height });
}
