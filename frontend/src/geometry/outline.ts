import type { Part } from "./polygons";
import type { Ring } from "./rings";
import type { Runs } from "./rle";

/** Edges that run down the pixels' sides, joined to rings by the level edges between them. */
class UprightEdges {
  private readonly columns: number[] = [];
  private readonly starts: number[] = [];
  private readonly ends: number[] = [];
  /** The edge that comes next on the ring. */
  private readonly next: number[] = [];
  /** By row: the edge from which a level edge comes or to which it leads, until its right end is found. */
  private readonly waiting: Int32Array;

  constructor(height: number) {
    this.waiting = new Int32Array(height + 1);
  }

  /**
   * The edges between two columns of pixels.
   *
   * @param left rows where the pixels left of `x` change to inside and back
   * @param right the same right of `x`
   */
  add(x: number, left: readonly number[], right: readonly number[]): void {
    let l = 0;
    let r = 0;
    /** 1: only the left pixel is inside, the edge runs down; -1: only the right one, it runs up; 0: no edge. */
    let turn = 0;
    while (l < left.length || r < right.length) {
      const y = Math.min(left[l] ?? Number.POSITIVE_INFINITY, right[r] ?? Number.POSITIVE_INFINITY);
      const isLeft = left[l] === y;
      const isRight = right[r] === y;
      if (isLeft) l++;
      if (isRight) r++;
      const above = turn;
      turn = (l & 1) - (r & 1);
      if (above === turn) continue;
      // Where four edges meet each turns round its own pixel: those that touch at a corner only are kept apart.
      const levelLeft = this.waiting[y] as number;
      if (above !== 0) {
        const edge = this.columns.length - 1;
        if (above === 1) this.ends[edge] = y;
        else this.starts[edge] = y;
        if (!isLeft || (isRight && above === -1)) this.waiting[y] = edge;
        else this.join(edge, levelLeft, above === 1);
      }
      if (turn !== 0) {
        const edge = this.columns.push(x) - 1;
        if (turn === 1) this.starts[edge] = y;
        else this.ends[edge] = y;
        if (!isLeft || (isRight && turn === -1)) this.waiting[y] = edge;
        else this.join(edge, levelLeft, turn === -1);
      }
    }
  }

  rings(): Ring[] {
    const { columns, starts, ends, next } = this;
    const isTaken = new Uint8Array(columns.length);
    const rings: Ring[] = [];
    for (let first = 0; first < columns.length; first++) {
      if (isTaken[first]) continue;
      const ring: number[] = [];
      for (let edge = first; !isTaken[edge]; edge = next[edge] as number) {
        isTaken[edge] = 1;
        const x = columns[edge] as number;
        ring.push(x, starts[edge] as number, x, ends[edge] as number);
      }
      rings.push(ring);
    }
    return rings;
  }

  private join(edge: number, other: number, isBefore: boolean): void {
    if (isBefore) this.next[edge] = other;
    else this.next[other] = edge;
  }
}

/**
 * Rings along the pixel edges: inside by even–odd over all of them is exactly what the runs cover. They go round as on
 * the server: outer rings clockwise on the screen, holes the other way.
 */
export function outlineOfRuns({ height, changes }: Runs): Part {
  const edges = new UprightEdges(height);
  if (changes.length === 0) return [];
  const last = Math.floor(((changes.at(-1) as number) - 1) / height);
  let at = 0;
  let left: number[] = [];
  for (let x = Math.floor((changes[0] as number) / height); x <= last + 1; x++) {
    const right: number[] = at % 2 === 1 ? [0] : [];
    for (; at < changes.length && (changes[at] as number) < (x + 1) * height; at++) {
      const row = (changes[at] as number) - x * height;
      // A run that ends with the column before has ended at its bottom already.
      if (row === 0 && right.length > 0) right.pop();
      else right.push(row);
    }
    if (right.length % 2 === 1) right.push(height);
    edges.add(x, left, right);
    left = right;
  }
  return edges.rings();
}
