import type { BoxXYXY } from "../geometry/boxes";
import type { Size } from "../geometry/points";
import { type Cell, isSameSection, type Section, sectionBox, TileGrid } from "./tile-grid";
import { type Easel, MARGIN, TiledPicture } from "./tiled-picture";

/** Side of a tile in CSS pixels. */
const TILE_SIDE = 256;
/** Milliseconds of a frame that go into new tiles while the view moves, and when it rests. */
const MOVING_MS = 5;
const RESTING_MS = 12;
/** A picture is stretched or shrunk by this at most while the view moves; then one of the new scale is begun. */
const MOST_STRETCH = 1.6;
/** Tiles made around the view, so that a small move finds them. */
const RING = 1;
/** A backdrop of the whole image has at most this many tiles. */
const MOST_BACKDROP = 64;

/** Puts tiles on the screen. */
export interface Screen<Canvas> {
  /** @param isCopied the tile's pixels are the screen's */
  put(canvas: Canvas, place: BoxXYXY, isCopied: boolean): void;
  /** Everything that is put in between goes into this place only. */
  within(place: BoxXYXY, put: () => void): void;
}

/**
 * What is drawn of the resting annotations, kept as pictures, so that a frame costs what it shows of them and not how
 * many there are.
 *
 * While the view moves, the picture at hand is moved, stretched or shrunk with it. When it rests, one is made that falls
 * on the screen's pixels, a few milliseconds a frame, so that it equals a drawing made at once; until it is there, the
 * one before it, or a backdrop of the whole image, is seen in the place of each tile that lacks.
 */
export class AnnotationPictures<Canvas, Item> {
  private current: TiledPicture<Canvas, Item> | null = null;
  private previous: TiledPicture<Canvas, Item> | null = null;
  private backdrop: TiledPicture<Canvas, Item> | null = null;
  private last: Section | null = null;

  constructor(
    private readonly image: Size,
    private readonly easel: Easel<Canvas, Item>,
    private readonly pixelRatio: number,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** What is in the box changed. */
  spoil(box: BoxXYXY): void {
    for (const picture of this.pictures()) picture.spoil(box);
  }

  /** Much changed: everything is made anew, and what was is seen until then. */
  renew(): void {
    this.previous = this.current ?? this.previous;
    this.current = null;
    this.backdrop = null;
  }

  /** @returns whether there is more to do: draw again in the next frame */
  draw(section: Section, screen: Screen<Canvas>): boolean {
    const isMoving = this.last !== null && !isSameSection(this.last, section);
    this.last = section;
    const current = this.chosen(section, isMoving);
    const isExact = current.grid.isExactFor(section);
    const until = this.now() + (isMoving ? MOVING_MS : RESTING_MS);
    const isTimeUp = () => this.now() >= until;
    const seen = this.cellsIn(current, section, 0);
    const isWhole = seen.every((cell) => current.make(cell, isTimeUp));
    for (const cell of seen) this.show(current, cell, section, screen, isExact);
    if (isMoving || !isExact || !isWhole) return true;
    return this.settle(current, section, seen.length, isTimeUp);
  }

  private pictures(): TiledPicture<Canvas, Item>[] {
    const all = [this.current, this.previous, this.backdrop];
    return [...new Set(all.filter((picture) => picture !== null))];
  }

  /** The picture to be shown and worked on. */
  private chosen(section: Section, isMoving: boolean): TiledPicture<Canvas, Item> {
    const { current } = this;
    const stretch = current ? section.scale / current.grid.scale : Number.POSITIVE_INFINITY;
    const isFar = stretch > MOST_STRETCH || stretch < 1 / MOST_STRETCH;
    if (current && (isMoving ? !isFar : current.grid.isExactFor(section))) return current;
    if (current && this.last) this.putAside(current, section);
    const made = this.backdrop?.grid.isExactFor(section)
      ? this.backdrop
      : new TiledPicture(
          new TileGrid(section, Math.round(TILE_SIDE * this.pixelRatio)),
          this.easel,
          MARGIN * this.pixelRatio,
        );
    this.current = made;
    return made;
  }

  private putAside(picture: TiledPicture<Canvas, Item>, section: Section): void {
    const whole = picture.grid.cellsOf(this.wholeImage());
    if (whole.length <= MOST_BACKDROP && whole.every((cell) => picture.has(cell))) {
      picture.keepOnly(whole);
      this.backdrop = picture;
    }
    const covers = picture.grid.cellsOf(sectionBox(section, this.image));
    // One that was hardly begun is no better than the one before it.
    if (!this.previous || covers.every((cell) => picture.has(cell))) this.previous = picture;
  }

  private wholeImage(): BoxXYXY {
    return [0, 0, this.image.width, this.image.height];
  }

  /** Tiles in view and `ring` tiles around it, those in the middle first. */
  private cellsIn(picture: TiledPicture<Canvas, Item>, section: Section, ring: number): Cell[] {
    const { grid } = picture;
    const margin = (ring * grid.side * section.scale) / grid.scale;
    const box = sectionBox(section, this.image, margin);
    if (box[0] >= box[2] || box[1] >= box[3]) return [];
    const cells = grid.cellsOf(box);
    const first = cells[0] as Cell;
    const last = cells.at(-1) as Cell;
    const [column, row] = [(first.column + last.column) / 2, (first.row + last.row) / 2];
    const away = (cell: Cell) => Math.hypot(cell.column - column, cell.row - row);
    return cells.sort((a, b) => away(a) - away(b));
  }

  private show(
    picture: TiledPicture<Canvas, Item>,
    cell: Cell,
    section: Section,
    screen: Screen<Canvas>,
    isExact: boolean,
  ): void {
    const place = picture.grid.placeIn(section, cell);
    const canvas = picture.canvasOf(cell);
    if (canvas) screen.put(canvas, place, isExact);
    else screen.within(place, () => this.showInstead(picture.grid.boxOf(cell), section, screen));
  }

  private showInstead(box: BoxXYXY, section: Section, screen: Screen<Canvas>): void {
    const [x0, y0, x1, y1] = this.wholeImage();
    const part: BoxXYXY = [
      Math.max(box[0], x0),
      Math.max(box[1], y0),
      Math.min(box[2], x1),
      Math.min(box[3], y1),
    ];
    const candidates = [this.previous, this.backdrop]
      .filter((picture) => picture !== null && picture !== this.current)
      .map((picture) => ({ picture, cells: picture?.grid.cellsOf(part) ?? [] }));
    const covering = candidates.find(({ picture, cells }) =>
      cells.every((cell) => picture?.has(cell)),
    );
    const { picture, cells } = covering ?? candidates[0] ?? { picture: null, cells: [] };
    for (const cell of cells) {
      const canvas = picture?.canvasOf(cell);
      if (picture && canvas) screen.put(canvas, picture.grid.placeIn(section, cell), false);
    }
  }

  /** The view rests and all is there: make what the next move will ask for, and let go of what none will. */
  private settle(
    current: TiledPicture<Canvas, Item>,
    section: Section,
    count: number,
    isTimeUp: () => boolean,
  ): boolean {
    this.previous = null;
    const near = this.cellsIn(current, section, RING);
    if (!near.every((cell) => current.make(cell, isTimeUp))) return true;
    if (current !== this.backdrop && current.size > 2 * Math.max(near.length, count)) {
      current.keepOnly(near);
    }
    return false;
  }
}
