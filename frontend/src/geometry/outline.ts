import { type Mask, maskToRuns } from "./mask";
import type { Polygons } from "./polygons";
import type { Ring } from "./rings";
import type { Runs } from "./rle";
import { runsToColumns } from "./runs";
import type { Spans } from "./spans";

interface Outline {
  /** From its first corner by row and then column, and to the right from there. */
  readonly ring: Ring;
  readonly isHole: boolean;
  /** Whose 4-connected component it goes round, as one of the spans in it. */
  readonly component: number;
}

/** Edges that run along the sides of columns, with the inside on the right; level edges join them to rings. */
class UprightEdges {
  private count = 0;
  private readonly x: Int32Array;
  private readonly starts: Int32Array;
  private readonly ends: Int32Array;
  /** The edge that comes next on the ring. */
  private readonly next: Int32Array;
  /** The span whose side it is. */
  private readonly spans: Int32Array;
  /** By row: the edge from which a level edge comes or to which it leads, until its right end is found. */
  private readonly waiting: Int32Array;
  /** By span: one of its component that comes before it, or itself. */
  private readonly roots: Int32Array;

  constructor(
    private readonly columns: Spans,
    height: number,
  ) {
    // Each edge begins and ends where the pixels on one of its sides change, and each change is used on both sides.
    const most = 2 * columns.lines.length;
    this.x = new Int32Array(most);
    this.starts = new Int32Array(most);
    this.ends = new Int32Array(most);
    this.next = new Int32Array(most);
    this.spans = new Int32Array(most);
    this.waiting = new Int32Array(height + 1);
    this.roots = Int32Array.from(columns.lines, (_, span) => span);
  }

  /** The edges at `x`, between the spans [left, middle) of the column before it and [middle, right) of that after it. */
  add(x: number, left: number, middle: number, right: number): void {
    const { waiting } = this;
    let l = 2 * left;
    let r = 2 * middle;
    /** 1: only the left pixel is inside, the edge runs down; -1: only the right one, it runs up; 0: no edge. */
    let turn = 0;
    while (l < 2 * middle || r < 2 * right) {
      const leftAt = l < 2 * middle ? this.changeOf(l) : Number.POSITIVE_INFINITY;
      const rightAt = r < 2 * right ? this.changeOf(r) : Number.POSITIVE_INFINITY;
      const y = Math.min(leftAt, rightAt);
      const isLeft = leftAt === y;
      const isRight = rightAt === y;
      if (isLeft) l++;
      if (isRight) r++;
      const above = turn;
      turn = (l & 1) - (r & 1);
      if (l & r & 1) this.unite(l >> 1, r >> 1);
      if (above === turn) continue;
      // Where four edges meet each turns round its own pixel: those that touch at a corner only are kept apart.
      const levelLeft = waiting[y] as number;
      if (above !== 0) {
        const edge = this.count - 1;
        (above === 1 ? this.ends : this.starts)[edge] = y;
        if (!isLeft || (isRight && above === -1)) waiting[y] = edge;
        else this.join(edge, levelLeft, above === 1);
      }
      if (turn !== 0) {
        const edge = this.count++;
        this.x[edge] = x;
        this.spans[edge] = turn === 1 ? l >> 1 : r >> 1;
        (turn === 1 ? this.starts : this.ends)[edge] = y;
        if (!isLeft || (isRight && turn === -1)) waiting[y] = edge;
        else this.join(edge, levelLeft, turn === -1);
      }
    }
  }

  outlines(): Outline[] {
    const isTaken = new Uint8Array(this.count);
    const found: Outline[] = [];
    for (let first = 0; first < this.count; first++) {
      if (isTaken[first]) continue;
      const corners: number[] = [];
      let area = 0;
      for (let edge = first; !isTaken[edge]; edge = this.next[edge] as number) {
        isTaken[edge] = 1;
        const x = this.x[edge] as number;
        const start = this.starts[edge] as number;
        const end = this.ends[edge] as number;
        corners.push(x, start, x, end);
        area += x * (end - start);
      }
      const isHole = area < 0;
      const component = this.rootOf(this.spans[first] as number);
      found.push({ ring: fromFirstCorner(corners, isHole), isHole, component });
    }
    return found;
  }

  private changeOf(index: number): number {
    return (index & 1 ? this.columns.ends : this.columns.starts)[index >> 1] as number;
  }

  private join(edge: number, other: number, isBefore: boolean): void {
    if (isBefore) this.next[edge] = other;
    else this.next[other] = edge;
  }

  private rootOf(span: number): number {
    const { roots } = this;
    let root = span;
    while (roots[root] !== root) {
      roots[root] = roots[roots[root] as number] as number;
      root = roots[root] as number;
    }
    return root;
  }

  private unite(a: number, b: number): void {
    const rootA = this.rootOf(a);
    const rootB = this.rootOf(b);
    this.roots[Math.max(rootA, rootB)] = Math.min(rootA, rootB);
  }
}

/** The ring turned so that it begins at its first corner by row and column, and a hole's so that it goes right there. */
function fromFirstCorner(corners: readonly number[], isHole: boolean): Ring {
  const length = corners.length;
  let first = 0;
  for (let i = 2; i < length; i += 2) {
    const below = (corners[i + 1] as number) - (corners[first + 1] as number);
    if (below < 0 || (below === 0 && (corners[i] as number) < (corners[first] as number))) {
      first = i;
    }
  }
  const ring: number[] = [];
  const step = isHole ? length - 2 : 2;
  for (let i = first; ring.length < length; i = (i + step) % length) {
    ring.push(corners[i] as number, corners[i + 1] as number);
  }
  return ring;
}

/**
 * Polygons along the pixel edges, holes included; none for an empty mask. Filled again they give the same pixels, bit for
 * bit. Parts are the 4-connected components: pixels that touch at a corner only are kept apart. Parts, rings and
 * vertices are those of the server's `mask_to_polygons`, in its order.
 */
export function runsToPolygons(runs: Runs): Polygons {
  const columns = runsToColumns(runs);
  const { lines } = columns;
  const edges = new UprightEdges(columns, runs.height);
  // The spans of the column before x are [left, middle), those of the one after it [middle, right).
  let left = 0;
  let middle = 0;
  while (left < middle || middle < lines.length) {
    const x = left < middle ? (lines[left] as number) + 1 : (lines[middle] as number);
    let right = middle;
    while (right < lines.length && lines[right] === x) right++;
    edges.add(x, left, middle, right);
    left = middle;
    middle = right;
  }
  const outlines = edges.outlines();
  const firstCorner = ({ ring }: Outline) =>
    (ring[1] as number) * (runs.width + 1) + (ring[0] as number);
  outlines.sort((a, b) => firstCorner(a) - firstCorner(b));
  // A component begins above its holes, so its outer ring has come before them.
  const parts = new Map<number, Ring[]>();
  for (const { ring, isHole, component } of outlines) {
    if (isHole) parts.get(component)?.push(ring);
    else parts.set(component, [ring]);
  }
  return [...parts.values()];
}

export function maskToPolygons(mask: Mask): Polygons {
  return runsToPolygons(maskToRuns(mask));
}
