import type { BoxXYXY } from "../geometry/boxes";
import type { Size } from "../geometry/points";
import { type Cell, isSameSection, type Section, sectionBox, TileGrid } from "./tile-grid";
import { type Easel, MARGIN, TiledPicture } from "./tiled-picture";

/** Side of a tile in CSS pixels. */
const TILE_SIDE = 256;
/** Milliseconds of a frame that go into new tiles while the view moves, and when it rests. */
const MOVING_MS = 4;
const RESTING_MS = 12;
/** A picture is stretched or shrunk by this at most while the view moves; then one of the new scale is begun. */
const MOST_STRETCH = 1.6;
/** Tiles made around the view, so that a small move finds them. */
const RING = 1;
/** Tiles that a picture may have, however few are seen; so a picture of the whole image can be kept as a backdrop. */
const MOST_TILES = 64;

/** Puts tiles on the screen. */
export interface Screen<Canvas> {
  /** @param isCopied the tile's pixels are the screen's */
  put(canvas: Canvas, place: BoxXYXY, isCopied: boolean): void;
  /** Everything that is put in between goes into this place only. */
  within(place: BoxXYXY, put: () => void): void;
}

interface Kept<Picture> {
  /** What is shown and worked on. */
  readonly current: Picture | null;
  /** The one before, until the current one is there. */
  readonly previous: Picture | null;
  /** The last one that held the whole image. */
  readonly backdrop: Picture | null;
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
  private kept: Kept<TiledPicture<Canvas, Item>> = {
    current: null,
    previous: null,
    backdrop: null,
  };
  private last: Section | null = null;

  constructor(
    private readonly image: Size,
    private readonly easel: Easel<Canvas, Item>,
    private readonly pixelRatio: number,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** Let go of everything. */
  drop(): void {
    this.keep({ current: null, previous: null, backdrop: null });
  }

  /** What is in the box changed. */
  spoil(box: BoxXYXY): void {
    for (const picture of this.pictures()) picture.spoil(box);
  }

  /** Much changed: everything is made anew, and what was is seen until then. */
  renew(): void {
    this.keep({ current: null, previous: this.kept.current ?? this.kept.previous, backdrop: null });
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
    if (current.size > Math.max(MOST_TILES, 3 * seen.length)) {
      current.keepOnly(this.cellsIn(current, section, RING));
    }
    if (isMoving || !isExact || !isWhole) return true;
    // The view rests and all is there: go on with what the next move will ask for.
    this.keep({ previous: null });
    return !this.cellsIn(current, section, RING).every((cell) => current.make(cell, isTimeUp));
  }

  private pictures(): TiledPicture<Canvas, Item>[] {
    const { current, previous, backdrop } = this.kept;
    return [...new Set([current, previous, backdrop].filter((picture) => picture !== null))];
  }

  private keep(kept: Partial<Kept<TiledPicture<Canvas, Item>>>): void {
    const before = this.pictures();
    this.kept = { ...this.kept, ...kept };
    const after = this.pictures();
    for (const picture of before) if (!after.includes(picture)) picture.drop();
  }

  /** The picture to be shown and worked on. */
  private chosen(section: Section, isMoving: boolean): TiledPicture<Canvas, Item> {
    const { current } = this.kept;
    const stretch = current ? section.scale / current.grid.scale : Number.POSITIVE_INFINITY;
    const isFar = stretch > MOST_STRETCH || stretch < 1 / MOST_STRETCH;
    if (current && (isMoving ? !isFar : current.grid.isExactFor(section))) return current;
    const { previous, backdrop } = this.setAside(section);
    const made = backdrop?.grid.isExactFor(section) ? backdrop : this.begun(section);
    this.keep({ current: made, previous, backdrop });
    return made;
  }

  private begun(section: Section): TiledPicture<Canvas, Item> {
    const grid = new TileGrid(section, Math.round(TILE_SIDE * this.pixelRatio));
    return new TiledPicture(grid, this.easel, MARGIN * this.pixelRatio);
  }

  /** What to keep of the pictures when another becomes the current one. */
  private setAside(section: Section): Omit<Kept<TiledPicture<Canvas, Item>>, "current"> {
    const { current, previous, backdrop } = this.kept;
    if (!current) return { previous, backdrop };
    const has = (cell: Cell) => current.has(cell);
    const whole = current.grid.cellsOf(this.wholeImage());
    const seen = current.grid.cellsOf(sectionBox(section, this.image));
    return {
      backdrop: whole.length <= MOST_TILES && whole.every(has) ? current : backdrop,
      // One that was hardly begun is no better than the one before it.
      previous: !previous || seen.every(has) ? current : previous,
    };
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
    const { current, previous, backdrop } = this.kept;
    const candidates = [previous, backdrop]
      .filter((picture) => picture !== null && picture !== current)
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
}
