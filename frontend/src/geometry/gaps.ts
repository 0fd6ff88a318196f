import type { BoxXYXY } from "./boxes";
import type { Size } from "./points";
import type { Runs } from "./rle";
import { runsDifference, runsInColumns, runsToColumns, runsUnion } from "./runs";
import type { Spans } from "./spans";

/** 4-connected pixels that nothing has, and the box round them. */
export interface Gap {
  readonly area: number;
  readonly box: BoxXYXY;
}

/** A gap as far as it lies in one strip, and where its pixels touch the strips beside it. */
interface Strip {
  readonly pieces: readonly Gap[];
  readonly left: readonly Edge[];
  readonly right: readonly Edge[];
}

/** Pixels of a piece in the outermost column: from `start` up to `end`. */
interface Edge {
  readonly start: number;
  readonly end: number;
  readonly piece: number;
}

/** Columns of a strip: few enough that one is soon counted anew, enough that they are soon put together. */
const STRIP = 64;

/** Which of numbered things belong together: each leads to one that comes before it, or to itself. */
class Together {
  private readonly roots: Int32Array;

  constructor(count: number) {
    this.roots = Int32Array.from({ length: count }, (_, i) => i);
  }

  rootOf(one: number): number {
    const { roots } = this;
    let root = one;
    while (roots[root] !== root) {
      roots[root] = roots[roots[root] as number] as number;
      root = roots[root] as number;
    }
    return root;
  }

  unite(a: number, b: number): void {
    const [rootA, rootB] = [this.rootOf(a), this.rootOf(b)];
    this.roots[Math.max(rootA, rootB)] = Math.min(rootA, rootB);
  }
}

function joined(a: Gap, b: Gap): Gap {
  return {
    area: a.area + b.area,
    box: [
      Math.min(a.box[0], b.box[0]),
      Math.min(a.box[1], b.box[1]),
      Math.max(a.box[2], b.box[2]),
      Math.max(a.box[3], b.box[3]),
    ],
  };
}

/** Parts that belong together are one; by their first part's number, in its order. */
function gathered(parts: readonly Gap[], together: Together): Map<number, Gap> {
  const found = new Map<number, Gap>();
  for (const [i, part] of parts.entries()) {
    const root = together.rootOf(i);
    const known = found.get(root);
    found.set(root, known ? joined(known, part) : part);
  }
  return found;
}

/** Spans of a column and of the next one that have a row in common are 4-connected. */
function uniteColumns(spans: Spans, together: Together): void {
  const { lines, starts, ends } = spans;
  for (let above = 0, span = 0; span < lines.length; span++) {
    const column = lines[span] as number;
    while (
      above < span &&
      ((lines[above] as number) < column - 1 ||
        ((lines[above] as number) === column - 1 &&
          (ends[above] as number) <= (starts[span] as number)))
    ) {
      above++;
    }
    for (
      let k = above;
      lines[k] === column - 1 && (starts[k] as number) < (ends[span] as number);
      k++
    ) {
      together.unite(k, span);
    }
  }
}

/** A strip that begins at column `x`, by the pixels in it that nothing has. */
function stripOf(free: Runs, x: number): Strip {
  const spans = runsToColumns(free);
  const { lines, starts, ends } = spans;
  const together = new Together(lines.length);
  uniteColumns(spans, together);
  const parts: Gap[] = [];
  for (let k = 0; k < lines.length; k++) {
    const column = x + (lines[k] as number);
    const [start, end] = [starts[k] as number, ends[k] as number];
    parts.push({ area: end - start, box: [column, start, column + 1, end] });
  }
  const pieces = gathered(parts, together);
  const numbers = new Map([...pieces.keys()].map((root, i) => [root, i]));
  const edgesAt = (line: number): Edge[] => {
    const edges: Edge[] = [];
    for (let k = 0; k < lines.length; k++) {
      if (lines[k] !== line) continue;
      const piece = numbers.get(together.rootOf(k)) as number;
      edges.push({ start: starts[k] as number, end: ends[k] as number, piece });
    }
    return edges;
  };
  return { pieces: [...pieces.values()], left: edgesAt(0), right: edgesAt(free.width - 1) };
}

/** The smallest first; the box breaks ties, so that the order tells nothing of how they were counted. */
function bySize(a: Gap, b: Gap): number {
  if (a.area !== b.area) return a.area - b.area;
  const at = [1, 0, 3, 2].find((side) => a.box[side] !== b.box[side]);
  return at === undefined ? 0 : (a.box[at] as number) - (b.box[at] as number);
}

/** The gaps of an image, kept strip by strip: after a change only the strips that it touched are counted anew. */
export class Gaps {
  private readonly strips: (Strip | null)[];

  constructor(private readonly size: Size) {
    this.strips = Array(Math.ceil(size.width / STRIP)).fill(null);
  }

  /** What covers the columns of this box may have changed. */
  changed([left, , right]: BoxXYXY): void {
    const last = Math.min(Math.ceil(right / STRIP), this.strips.length);
    for (let i = Math.max(Math.floor(left / STRIP), 0); i < last; i++) this.strips[i] = null;
  }

  /** @param covering what has pixels in a box, each as runs of the whole image */
  all(covering: (box: BoxXYXY) => readonly Runs[]): Gap[] {
    const { width, height } = this.size;
    const strips = this.strips.map((known, i) => {
      const [left, right] = [i * STRIP, Math.min((i + 1) * STRIP, width)];
      return known ?? stripOf(this.freeIn(left, right, covering([left, 0, right, height])), left);
    });
    this.strips.splice(0, strips.length, ...strips);
    return putTogether(strips).sort(bySize);
  }

  private freeIn(left: number, right: number, covering: readonly Runs[]): Runs {
    const { height } = this.size;
    const width = right - left;
    const whole = { height, width, changes: Float64Array.of(0, width * height) };
    if (covering.length === 0) return whole;
    return runsDifference(
      whole,
      runsUnion(covering.map((runs) => runsInColumns(runs, left, right))),
    );
  }
}

function putTogether(strips: readonly Strip[]): Gap[] {
  const pieces = strips.flatMap((strip) => strip.pieces);
  const together = new Together(pieces.length);
  let before = 0;
  for (const [i, { right, pieces: own }] of strips.entries()) {
    const after = before + own.length;
    const left = strips[i + 1]?.left ?? [];
    for (let r = 0, l = 0; r < right.length && l < left.length; ) {
      const [a, b] = [right[r] as Edge, left[l] as Edge];
      if (Math.max(a.start, b.start) < Math.min(a.end, b.end)) {
        together.unite(before + a.piece, after + b.piece);
      }
      if (a.end <= b.end) r++;
      else l++;
    }
    before = after;
  }
  return [...gathered(pieces, together).values()];
}
