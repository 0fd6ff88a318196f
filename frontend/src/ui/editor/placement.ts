import type { BoxXYXY } from "../../geometry/boxes";
import { clamp, type Point, type Size } from "../../geometry/points";

const GAP = 12;

/** Area that two boxes have in common. */
function overlap(a: BoxXYXY, b: BoxXYXY): number {
  const width = Math.min(a[2], b[2]) - Math.max(a[0], b[0]);
  const height = Math.min(a[3], b[3]) - Math.max(a[1], b[1]);
  return Math.max(width, 0) * Math.max(height, 0);
}

/**
 * Where a card goes beside a box: right of it, else left, below, above; where there is room on no side, in the corner
 * where it covers least of the box.
 *
 * @param box on the screen, in pixels of the room; may reach out of it
 * @returns the card's top left corner, so that it lies within the room
 */
export function placeBeside(box: BoxXYXY, card: Size, room: Size): Point {
  const mostX = Math.max(room.width - card.width - GAP, GAP);
  const mostY = Math.max(room.height - card.height - GAP, GAP);
  const alongX = clamp(box[0], GAP, mostX);
  const alongY = clamp(box[1], GAP, mostY);
  const sides: readonly Point[] = [
    [box[2] + GAP, alongY],
    [box[0] - GAP - card.width, alongY],
    [alongX, box[3] + GAP],
    [alongX, box[1] - GAP - card.height],
  ];
  const isWithin = ([x, y]: Point) => x >= GAP && x <= mostX && y >= GAP && y <= mostY;
  const side = sides.find(isWithin);
  if (side) return side;
  const corners: readonly Point[] = [
    [mostX, GAP],
    [GAP, GAP],
    [mostX, mostY],
    [GAP, mostY],
  ];
  const covered = ([x, y]: Point) => overlap(box, [x, y, x + card.width, y + card.height]);
  return corners.reduce((best, corner) => (covered(corner) < covered(best) ? corner : best));
}
