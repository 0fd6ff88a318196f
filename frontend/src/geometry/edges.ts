/** A picture's pixels, row by row, four bytes each: red, green, blue, opacity. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8ClampedArray;
}

/** Across a gradient and along it, for the four pixels about a corner of pixels, from the second before it on. */
const ALONG = [-0.5, -0.5, 0.5, 0.5] as const;
const ACROSS = [0.125, 0.375, 0.375, 0.125] as const;
/** A gradient as steep as this, in levels of 255 from pixel to pixel, is an edge as sure as any. */
const STEEPEST = 100;
/** Less is noise. */
const FAINTEST = 4;
/** What a step costs where nothing is, and of that what is saved by the middle of an edge, and by its steepness. */
const FLAT = 48;
const RIDGE_SHARE = 0.45;

/**
 * How much it costs to pass a corner of pixels: little on an edge, most where the picture is even. Looked up corner by
 * corner, since a path asks for few of them.
 *
 * Corners and not pixels: the border between two pixels is then at its true place.
 *
 * Source: Mortensen, Barrett: "Intelligent scissors for image composition", SIGGRAPH 1995: the gradient's magnitude, of
 * the colour in which it is greatest, and whether it is greatest just there. The direction of edges is not asked.
 */
export class EdgeMap {
  /** Corners along a row and a column. */
  readonly width: number;
  readonly height: number;
  private readonly dx: Float32Array;
  private readonly dy: Float32Array;
  private readonly steep: Float32Array;
  private readonly costs: Uint8Array;

  constructor(private readonly pixels: Pixels) {
    this.width = pixels.width + 1;
    this.height = pixels.height + 1;
    const count = this.width * this.height;
    this.dx = new Float32Array(count);
    this.dy = new Float32Array(count);
    this.steep = new Float32Array(count).fill(-1);
    this.costs = new Uint8Array(count);
  }

  /** Levels of 255 from pixel to pixel. */
  steepnessAt(column: number, row: number): number {
    const at = row * this.width + column;
    const known = this.steep[at] as number;
    return known < 0 ? this.measure(column, row, at) : known;
  }

  /** From 1, on an edge as sure as any, to 49. */
  costAt(column: number, row: number): number {
    const at = row * this.width + column;
    const known = this.costs[at] as number;
    if (known > 0) return known;
    const steep = this.steepnessAt(column, row);
    const isRidge = steep > FAINTEST && this.isRidge(column, row, at, steep);
    // The root: a faint edge is still far better than none.
    const sure = steep > FAINTEST ? Math.sqrt(Math.min(steep / STEEPEST, 1)) : 0;
    const saved = RIDGE_SHARE * (isRidge ? Math.max(sure, 0.5) : 0) + (1 - RIDGE_SHARE) * sure;
    const cost = 1 + Math.round(FLAT * (1 - saved));
    this.costs[at] = cost;
    return cost;
  }

  /** Is nothing steeper on the way across the edge? */
  private isRidge(column: number, row: number, at: number, steep: number): boolean {
    const dx = this.dx[at] as number;
    const dy = this.dy[at] as number;
    const ax = Math.abs(dx);
    const ay = Math.abs(dy);
    // The next corner in the gradient's direction, of the eight there are.
    const stepX = ax > 0.41 * ay ? Math.sign(dx) : 0;
    const stepY = ay > 0.41 * ax ? Math.sign(dy) : 0;
    return (
      steep >= this.steepnessIn(column + stepX, row + stepY) &&
      steep >= this.steepnessIn(column - stepX, row - stepY)
    );
  }

  private steepnessIn(column: number, row: number): number {
    const isIn = column >= 0 && row >= 0 && column < this.width && row < this.height;
    return isIn ? this.steepnessAt(column, row) : 0;
  }

  private measure(column: number, row: number, at: number): number {
    const { width, height, data } = this.pixels;
    // What is beyond the picture's border is as what is at it.
    const left = 4 * Math.max(column - 2, 0);
    const before = 4 * Math.max(column - 1, 0);
    const after = 4 * Math.min(column, width - 1);
    const right = 4 * Math.min(column + 1, width - 1);
    let best = -1;
    for (let channel = 0; channel < 3; channel++) {
      let dx = 0;
      let dy = 0;
      for (let i = 0; i < 4; i++) {
        const line = 4 * width * Math.min(Math.max(row + i - 2, 0), height - 1) + channel;
        const outer = (data[line + left] as number) + (data[line + right] as number);
        const inner = (data[line + before] as number) + (data[line + after] as number);
        const rise =
          (data[line + after] as number) +
          (data[line + right] as number) -
          (data[line + left] as number) -
          (data[line + before] as number);
        dx += (ACROSS[i] as number) * 0.5 * rise;
        dy += (ALONG[i] as number) * (0.125 * outer + 0.375 * inner);
      }
      const steep = dx * dx + dy * dy;
      if (steep <= best) continue;
      best = steep;
      this.dx[at] = dx;
      this.dy[at] = dy;
    }
    best = Math.sqrt(best);
    this.steep[at] = best;
    return best;
  }
}
