import type { BoxXYXY } from "../geometry/boxes";
import type { Point, Size } from "../geometry/points";

/** What a canvas shows of the image: its corner lies (x, y) device pixels from the image's, `scale` of them a pixel. */
export interface Section extends Size {
  readonly scale: number;
  readonly x: number;
  readonly y: number;
}

export interface Cell {
  readonly column: number;
  readonly row: number;
}

/** Nobody sees this part of a device pixel. */
const SAME = 1e-3;

const fraction = (value: number) => value - Math.floor(value);

function isSame(a: number, b: number): boolean {
  return Math.abs(a - b - Math.round(a - b)) < SAME;
}

export const keyOf = ({ column, row }: Cell): string => `${column},${row}`;

export function isSameSection(a: Section, b: Section): boolean {
  return (
    a.scale === b.scale &&
    a.x === b.x &&
    a.y === b.y &&
    a.width === b.width &&
    a.height === b.height
  );
}

/**
 * Square tiles over the image at one scale, so placed that their pixels fall on the screen's: a tile is then copied, not
 * drawn anew between pixels.
 */
export class TileGrid {
  readonly scale: number;
  private readonly phase: Point;

  /** @param side of a tile, in device pixels */
  constructor(
    { scale, x, y }: Section,
    readonly side: number,
  ) {
    this.scale = scale;
    this.phase = [fraction(x), fraction(y)];
  }

  /** Do the tiles' pixels fall on the section's? */
  isExactFor({ scale, x, y }: Section): boolean {
    if (Math.abs(scale / this.scale - 1) > 1e-9) return false;
    return isSame(x, this.phase[0]) && isSame(y, this.phase[1]);
  }

  /** A tile's corner, in device pixels from the image's corner at the grid's scale. */
  cornerOf({ column, row }: Cell): Point {
    return [column * this.side + this.phase[0], row * this.side + this.phase[1]];
  }

  /** What a tile shows of the image, with a margin in device pixels. */
  boxOf(cell: Cell, margin = 0): BoxXYXY {
    const [x, y] = this.cornerOf(cell);
    const near = (corner: number) => (corner - margin) / this.scale;
    const far = (corner: number) => (corner + this.side + margin) / this.scale;
    return [near(x), near(y), far(x), far(y)];
  }

  /** The tiles that a box of the image touches, with a margin in device pixels. */
  cellsOf([x0, y0, x1, y1]: BoxXYXY, margin = 0): Cell[] {
    const [phaseX, phaseY] = this.phase;
    const tileOf = (value: number, by: number, phase: number) =>
      Math.floor((value * this.scale + by - phase) / this.side);
    const cells: Cell[] = [];
    for (let row = tileOf(y0, -margin, phaseY); row <= tileOf(y1, margin, phaseY); row++) {
      for (let column = tileOf(x0, -margin, phaseX); column <= tileOf(x1, margin, phaseX); column++)
        cells.push({ column, row });
    }
    return cells;
  }

  /** The whole pixels of a tile that a box of the image touches, with a margin in device pixels; null: none. */
  pixelsOf(cell: Cell, [x0, y0, x1, y1]: BoxXYXY, margin: number): BoxXYXY | null {
    const [x, y] = this.cornerOf(cell);
    const left = Math.max(Math.floor(x0 * this.scale - margin - x), 0);
    const top = Math.max(Math.floor(y0 * this.scale - margin - y), 0);
    const right = Math.min(Math.ceil(x1 * this.scale + margin - x), this.side);
    const bottom = Math.min(Math.ceil(y1 * this.scale + margin - y), this.side);
    return left < right && top < bottom ? [left, top, right, bottom] : null;
  }

  /** Where a tile lies in a section, in whole device pixels: neighbours share their edges at any scale. */
  placeIn(section: Section, cell: Cell): BoxXYXY {
    const [x, y] = this.cornerOf(cell);
    const ratio = section.scale / this.scale;
    const place = (corner: number, from: number) => Math.round(corner * ratio - from);
    return [
      place(x, section.x),
      place(y, section.y),
      place(x + this.side, section.x),
      place(y + this.side, section.y),
    ];
  }
}

/** The part of the image that a section shows. */
export function sectionBox(section: Section, image: Size, margin = 0): BoxXYXY {
  const { scale, x, y, width, height } = section;
  return [
    Math.max((x - margin) / scale, 0),
    Math.max((y - margin) / scale, 0),
    Math.min((x + width + margin) / scale, image.width),
    Math.min((y + height + margin) / scale, image.height),
  ];
}
