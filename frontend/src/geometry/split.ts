import { distance, type Point, type Size } from "./points";
import type { Polygons } from "./polygons";
import { ringFromPoints } from "./rings";

/** How far outside the image the way round it runs, in pixels. */
const MARGIN = 4;

/** Where a ray from inside the frame leaves it, as the length of the frame walked clockwise from its top left corner. */
function exit(from: Point, [dx, dy]: Point, { width, height }: Size): readonly [Point, number] {
  const [left, top] = [-MARGIN, -MARGIN];
  const [right, bottom] = [width + MARGIN, height + MARGIN];
  const reach = (at: number, step: number, low: number, high: number) =>
    step > 0 ? (high - at) / step : step < 0 ? (low - at) / step : Number.POSITIVE_INFINITY;
  const toSide = reach(from[0], dx, left, right);
  const toLevel = reach(from[1], dy, top, bottom);
  const [across, along] = [right - left, bottom - top];
  if (toSide < toLevel) {
    const y = from[1] + dy * toSide;
    return dx > 0 ? [[right, y], across + y - top] : [[left, y], 2 * across + along + bottom - y];
  }
  const x = from[0] + dx * toLevel;
  return dy > 0 ? [[x, bottom], across + along + right - x] : [[x, top], x - left];
}

/**
 * The side of an image that lies to the left of a line, which goes on straight beyond its ends; null for a line without
 * a direction.
 *
 * @param line two points or more, in the image
 */
export function sideOfLine(line: readonly Point[], size: Size): Polygons | null {
  const points = line.filter((point, i) => i === 0 || distance(point, line[i - 1] as Point) > 0);
  const [first, second] = points;
  const [last, before] = [points.at(-1), points.at(-2)];
  if (!first || !second || !last || !before) return null;
  const [start, startAt] = exit(first, [first[0] - second[0], first[1] - second[1]], size);
  const [end, endAt] = exit(last, [last[0] - before[0], last[1] - before[1]], size);
  const [right, bottom] = [size.width + MARGIN, size.height + MARGIN];
  const [across, along] = [size.width + 2 * MARGIN, size.height + 2 * MARGIN];
  const corners: readonly (readonly [number, Point])[] = [
    [0, [-MARGIN, -MARGIN]],
    [across, [right, -MARGIN]],
    [across + along, [right, bottom]],
    [2 * across + along, [-MARGIN, bottom]],
  ];
  const round = 2 * (across + along);
  // From the end anticlockwise to the start: what lies on the left of who walks along the line (y down).
  const way = (at: number) => (((endAt - at) % round) + round) % round;
  const passed = corners
    .filter(([at]) => way(at) < way(startAt))
    .sort(([a], [b]) => way(a) - way(b))
    .map(([, corner]) => corner);
  return [[ringFromPoints([start, ...points, end, ...passed])]];
}
