import type { EdgeMap } from "./edges";

/** A step straight and one aslant cost as their lengths, 5 to 7. */
const STRAIGHT = 5;
const ASLANT = 7;
/** More than the dearest step costs. */
const BUCKETS = 512;
const FAR = 0x7fffffff;
const NOWHERE = -1;

/**
 * The cheapest ways from one corner to others. Those found stay found: the search goes on from where it was, no farther
 * than it must.
 *
 * Source: Dijkstra with buckets (Dial 1969), grown as far as the pointer asks: Falcão, Udupa, Miyazawa: "An ultra-fast
 * user-steered image segmentation paradigm: live wire on the fly", IEEE TMI 2000.
 */
export class LiveWire {
  private readonly distances: Int32Array;
  private readonly previous: Int32Array;
  private readonly isSettled: Uint8Array;
  private readonly buckets: number[][] = Array.from({ length: BUCKETS }, () => []);
  private reached = 0;
  private waiting = 1;

  /** @param start the corner's place: row times the map's width, and column */
  constructor(
    private readonly map: EdgeMap,
    readonly start: number,
  ) {
    const count = map.width * map.height;
    this.distances = new Int32Array(count).fill(FAR);
    this.previous = new Int32Array(count).fill(NOWHERE);
    this.isSettled = new Uint8Array(count);
    this.distances[start] = 0;
    this.buckets[0]?.push(start);
  }

  /** The places on the cheapest way from the start, both ends included. */
  wayTo(end: number): readonly number[] {
    while (!this.isSettled[end] && this.waiting > 0) this.grow();
    const way: number[] = [];
    for (let at = end; at !== NOWHERE; at = this.previous[at] as number) way.push(at);
    return way.reverse();
  }

  /** Settle all that is as far as the nearest that is not settled. */
  private grow(): void {
    const bucket = this.buckets[this.reached % BUCKETS] as number[];
    // It grows while it is gone through: never, for every step costs something.
    for (const at of bucket) {
      this.waiting--;
      // Reached again on a cheaper way meanwhile.
      if (!this.isSettled[at] && this.distances[at] === this.reached) this.settle(at);
    }
    bucket.length = 0;
    this.reached++;
  }

  private settle(at: number): void {
    const { width, height } = this.map;
    this.isSettled[at] = 1;
    const row = Math.floor(at / width);
    const column = at - row * width;
    // No loop over a list of steps: this is done a hundred thousand times for one way.
    for (let y = Math.max(row - 1, 0); y <= row + 1 && y < height; y++) {
      for (let x = Math.max(column - 1, 0); x <= column + 1 && x < width; x++) {
        const next = y * width + x;
        if (this.isSettled[next]) continue;
        const length = y === row || x === column ? STRAIGHT : ASLANT;
        const distance = this.reached + length * this.map.costAt(x, y);
        if (distance >= (this.distances[next] as number)) continue;
        this.distances[next] = distance;
        this.previous[next] = at;
        this.buckets[distance % BUCKETS]?.push(next);
        this.waiting++;
      }
    }
  }
}
