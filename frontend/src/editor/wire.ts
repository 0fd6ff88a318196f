import type { BoxXYXY } from "../geometry/boxes";
import { boxHasPoint } from "../geometry/boxes";
import { EdgeMap, type Pixels } from "../geometry/edges";
import { LiveWire } from "../geometry/live-wire";
import { clamp, distance, type Point, type Size } from "../geometry/points";
import { simplifyLine } from "../geometry/simplify";

/** The pixels of a part of the picture, in so many columns and rows; null where it cannot be read. */
export type PixelReader = (box: BoxXYXY, size: Size) => Pixels | null;

/** Side of a cell in screen pixels, where that is no finer than the picture: a third more and a search takes half the time. */
const CELL = 1.5;
/** What a screen shows of them; 15 bytes each. */
const MOST_CELLS = 600_000;
/** The grid reaches so many cells beyond what is seen. */
const MARGIN = 12;
/** A grid is made anew when its cells are so many times too large or too small. */
const TOO_COARSE = 1.5;
/** How far from a click the edge is looked for, in screen pixels, and how steep it must be, in levels of 255. */
const SNAP = 6;
const SNAP_STEEPNESS = 8;
/** What is smoothed away of the steps from cell to cell. */
const TOLERANCE_CELLS = 0.75;

/** A part of the picture with the costs of passing it. */
interface Grid {
  readonly box: BoxXYXY;
  readonly map: EdgeMap;
  /** Of the image, in a cell. */
  readonly cell: Point;
}

/** Ways along the edges of a picture, about as finely as the screen shows it, and no finer than its pixels. */
export class Wire {
  private grid: Grid | null = null;
  private search: LiveWire | null = null;

  constructor(
    private readonly read: PixelReader,
    private readonly size: Size,
    /** What of the image is seen. */
    private readonly seen: () => BoxXYXY,
  ) {}

  /** The steepest place near a point, or the point itself where nothing is steep. */
  snapped(point: Point, unitsPerPixel: number): Point {
    const grid = this.gridFor([point], unitsPerPixel);
    if (!grid) return point;
    const { map } = grid;
    const [column, row] = this.cornerAt(grid, point);
    const reach = SNAP * unitsPerPixel;
    const [across, down] = grid.cell.map((side) => Math.max(1, Math.round(reach / side))) as [
      number,
      number,
    ];
    let best = point;
    let most = SNAP_STEEPNESS;
    for (let y = Math.max(row - down, 0); y <= Math.min(row + down, map.height - 1); y++) {
      for (
        let x = Math.max(column - across, 0);
        x <= Math.min(column + across, map.width - 1);
        x++
      ) {
        const at = this.pointAt(grid, x, y);
        const away = distance(at, point);
        // Of two edges that are alike the nearer one is meant.
        const steep = map.steepnessAt(x, y) * (1 - (0.5 * away) / (reach + grid.cell[0]));
        if (away <= reach && steep > most) [most, best] = [steep, at];
      }
    }
    return best;
  }

  /** The way from one point to another along the edges, without the first one. Straight where the picture is not known. */
  way(from: Point, to: Point, unitsPerPixel: number): readonly Point[] {
    const grid = this.gridFor([from, to], unitsPerPixel);
    if (!grid) return [to];
    const place = (point: Point) => {
      const [column, row] = this.cornerAt(grid, point);
      return row * grid.map.width + column;
    };
    const start = place(from);
    if (this.search?.start !== start) this.search = new LiveWire(grid.map, start);
    const inner = this.search
      .wayTo(place(to))
      .slice(1, -1)
      .map((at) => this.pointAt(grid, at % grid.map.width, Math.floor(at / grid.map.width)));
    const tolerance = TOLERANCE_CELLS * Math.max(...grid.cell);
    return simplifyLine([from, ...inner, to], tolerance).slice(1);
  }

  private gridFor(points: readonly Point[], unitsPerPixel: number): Grid | null {
    const wanted = Math.max(1, CELL * unitsPerPixel);
    if (this.grid) {
      const { box, cell } = this.grid;
      const off = Math.max(...cell) / wanted;
      const isFit = off < TOO_COARSE && off > 1 / TOO_COARSE;
      if (isFit && points.every((point) => boxHasPoint(box, point))) return this.grid;
    }
    this.grid = this.makeGrid(points, wanted);
    this.search = null;
    return this.grid;
  }

  private makeGrid(points: readonly Point[], wanted: number): Grid | null {
    const { width, height } = this.size;
    const seen = this.seen();
    const margin = MARGIN * wanted;
    const side = (low: number, high: number, values: readonly number[], size: number) =>
      [
        clamp(Math.floor(Math.min(low, ...values) - margin), 0, size),
        clamp(Math.ceil(Math.max(high, ...values) + margin), 0, size),
      ] as const;
    const [x0, x1] = side(
      seen[0],
      seen[2],
      points.map(([x]) => x),
      width,
    );
    const [y0, y1] = side(
      seen[1],
      seen[3],
      points.map(([, y]) => y),
      height,
    );
    const [w, h] = [x1 - x0, y1 - y0];
    const cell = Math.max(wanted, Math.sqrt((w * h) / MOST_CELLS));
    const size = {
      width: Math.max(1, Math.round(w / cell)),
      height: Math.max(1, Math.round(h / cell)),
    };
    const pixels = this.read([x0, y0, x1, y1], size);
    if (!pixels) return null;
    const sides: Point = [w / size.width, h / size.height];
    return { box: [x0, y0, x1, y1], map: new EdgeMap(pixels), cell: sides };
  }

  private cornerAt({ box, cell, map }: Grid, [x, y]: Point): readonly [number, number] {
    return [
      clamp(Math.round((x - box[0]) / cell[0]), 0, map.width - 1),
      clamp(Math.round((y - box[1]) / cell[1]), 0, map.height - 1),
    ];
  }

  private pointAt({ box, cell }: Grid, column: number, row: number): Point {
    return [box[0] + column * cell[0], box[1] + row * cell[1]];
  }
}
