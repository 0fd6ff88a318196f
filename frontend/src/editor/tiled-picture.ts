import type { BoxXYXY } from "../geometry/boxes";
import { type Cell, keyOf, type TileGrid } from "./tile-grid";

/** Makes tiles and draws on them. */
export interface Easel<Canvas, Item> {
  /** Of one side, as long as it lives. */
  blank(side: number): Canvas;
  /** The canvas is not needed any more. */
  giveBack(canvas: Canvas): void;
  /** What is seen near a part of the image, lowest first. */
  itemsIn(box: BoxXYXY): readonly Item[];
  /**
   * Draw annotations over what is on a tile.
   *
   * @param pixels only these of the tile, emptied before; null: all of them, as they are
   */
  paint(
    canvas: Canvas,
    grid: TileGrid,
    cell: Cell,
    items: readonly Item[],
    pixels: BoxXYXY | null,
  ): void;
  /** Let all that was drawn arrive on the canvas, so that its time is spent and can be told. */
  settle(canvas: Canvas): void;
}

interface Tile<Canvas> {
  readonly canvas: Canvas;
  /** Pixels that show what is no longer so. */
  stale: BoxXYXY | null;
}

interface Work<Canvas, Item> {
  readonly key: string;
  readonly canvas: Canvas;
  readonly items: readonly Item[];
  done: number;
}

/** Device pixels that a line and its halo reach over an annotation's box, at a pixel ratio of one. */
export const MARGIN = 4;
/** Annotations drawn between two looks at the clock. */
const STEP = 60;

function union(a: BoxXYXY | null, b: BoxXYXY): BoxXYXY {
  if (!a) return b;
  return [Math.min(a[0], b[0]), Math.min(a[1], b[1]), Math.max(a[2], b[2]), Math.max(a[3], b[3])];
}

/** Annotations drawn on tiles at one scale. Tiles are made when asked for, and drawn anew only where something changed. */
export class TiledPicture<Canvas, Item> {
  private readonly tiles = new Map<string, Tile<Canvas>>();
  private work: Work<Canvas, Item> | null = null;

  constructor(
    readonly grid: TileGrid,
    private readonly easel: Easel<Canvas, Item>,
    private readonly margin: number,
  ) {}

  get size(): number {
    return this.tiles.size;
  }

  has(cell: Cell): boolean {
    return this.tiles.has(keyOf(cell));
  }

  /** The tile as it is to be seen now; null where none was made. */
  canvasOf(cell: Cell): Canvas | null {
    const tile = this.tiles.get(keyOf(cell));
    if (!tile) return null;
    this.repair(cell, tile);
    return tile.canvas;
  }

  /**
   * Go on making a tile until it is done or the time is up.
   *
   * @returns whether it is done
   */
  make(cell: Cell, isTimeUp: () => boolean): boolean {
    const key = keyOf(cell);
    if (this.tiles.has(key)) return true;
    const { easel, grid, margin } = this;
    if (this.work?.key !== key) {
      if (isTimeUp()) return false;
      this.dropWork();
      const items = easel.itemsIn(grid.boxOf(cell, margin));
      this.work = { key, canvas: easel.blank(grid.side), items, done: 0 };
    }
    const { work } = this;
    while (work.done < work.items.length) {
      if (isTimeUp()) return false;
      const next = work.items.slice(work.done, work.done + STEP);
      easel.paint(work.canvas, grid, cell, next, null);
      easel.settle(work.canvas);
      work.done += STEP;
    }
    this.tiles.set(key, { canvas: work.canvas, stale: null });
    this.work = null;
    return true;
  }

  /** What is in the box changed: its pixels are drawn anew before they are seen again. */
  spoil(box: BoxXYXY): void {
    for (const cell of this.grid.cellsOf(box, this.margin)) {
      const key = keyOf(cell);
      if (this.work?.key === key) this.dropWork();
      const tile = this.tiles.get(key);
      const pixels = tile && this.grid.pixelsOf(cell, box, this.margin);
      if (tile && pixels) tile.stale = union(tile.stale, pixels);
    }
  }

  /** Forget all tiles but these. */
  keepOnly(cells: readonly Cell[]): void {
    const kept = new Set(cells.map(keyOf));
    for (const [key, { canvas }] of this.tiles) {
      if (kept.has(key)) continue;
      this.tiles.delete(key);
      this.easel.giveBack(canvas);
    }
  }

  /** Forget all of it. */
  drop(): void {
    this.dropWork();
    this.keepOnly([]);
  }

  private dropWork(): void {
    if (this.work) this.easel.giveBack(this.work.canvas);
    this.work = null;
  }

  private repair(cell: Cell, tile: Tile<Canvas>): void {
    const { stale } = tile;
    if (!stale) return;
    tile.stale = null;
    const { easel, grid, margin } = this;
    const [x, y] = grid.cornerOf(cell);
    const inImage = (corner: number, pixel: number) => (corner + pixel) / grid.scale;
    const box: BoxXYXY = [
      inImage(x, stale[0] - margin),
      inImage(y, stale[1] - margin),
      inImage(x, stale[2] + margin),
      inImage(y, stale[3] + margin),
    ];
    easel.paint(tile.canvas, grid, cell, easel.itemsIn(box), stale);
  }
}
