import type { BoxXYXY } from "../geometry/boxes";
import { type Gap, Gaps } from "../geometry/gaps";
import type { Size } from "../geometry/points";
import type { Runs } from "../geometry/rle";
import { runsArea, runsBbox, runsIntersection } from "../geometry/runs";
import { type Annotation, boxOf, type Segmentation } from "./annotation";
import { byZOrder } from "./annotation-index";
import { segmentationRuns } from "./combine";
import type { AnnotationStore, Replacement } from "./store";

/** Two annotations that have the same pixels; the upper one is seen there. */
export interface Overlap {
  readonly lower: string;
  readonly upper: string;
  /** Pixels, and the box round them. */
  readonly area: number;
  readonly box: BoxXYXY;
}

/** What makes a segment map of these annotations less than whole. */
export interface Coverage {
  /** The largest first. */
  readonly overlaps: readonly Overlap[];
  /** The smallest first: a sliver is a mistake, what is large is seen anyway. */
  readonly gaps: readonly Gap[];
  /** Pixels of the image without an owner. */
  readonly unowned: number;
}

/** Where the annotations of an image overlap, and what they leave: after a change it is counted anew only there. */
export class CoverageCount {
  /** Stop following the store. */
  readonly stop: () => void;
  private readonly runs = new Map<string, { segmentation: Segmentation; runs: Runs }>();
  /** By the id of either annotation, and then of the other. */
  private readonly overlaps = new Map<string, Map<string, Overlap>>();
  private readonly gaps: Gaps;
  private changed: Set<string>;

  constructor(
    private readonly store: AnnotationStore,
    private readonly size: Size,
  ) {
    this.gaps = new Gaps(size);
    this.changed = new Set(store.all().map(({ id }) => id));
    this.stop = store.watch((replacements) => replacements.forEach(this.note));
  }

  /** A crowd may overlap: it is left out of the overlaps. */
  now(): Coverage {
    for (const id of this.changed) this.forget(id);
    for (const id of this.changed) this.find(id);
    this.changed = new Set();
    const gaps = this.gaps.all((box) => this.store.touching(box).map(this.runsOf));
    return {
      overlaps: this.sorted(),
      gaps,
      unowned: gaps.reduce((sum, { area }) => sum + area, 0),
    };
  }

  private readonly note = ({ before, after }: Replacement): void => {
    for (const one of [before, after]) if (one) this.changed.add(one.id);
    // Of another category or z-order, but in the same place: it leaves the same gaps.
    if (before?.segmentation === after?.segmentation) return;
    for (const one of [before, after]) if (one) this.gaps.changed(boxOf(one));
  };

  private readonly runsOf = ({ id, segmentation }: Annotation): Runs => {
    const known = this.runs.get(id);
    if (known?.segmentation === segmentation) return known.runs;
    const runs = segmentationRuns(segmentation, this.size);
    this.runs.set(id, { segmentation, runs });
    return runs;
  };

  private forget(id: string): void {
    for (const other of this.overlaps.get(id)?.keys() ?? []) this.overlaps.get(other)?.delete(id);
    this.overlaps.delete(id);
    if (!this.store.get(id)) this.runs.delete(id);
  }

  private find(id: string): void {
    const one = this.store.get(id);
    if (!one || one.iscrowd) return;
    for (const other of this.store.touching(boxOf(one))) {
      if (other.id === id || other.iscrowd || this.overlaps.get(id)?.has(other.id)) continue;
      const shared = runsIntersection([this.runsOf(one), this.runsOf(other)]);
      const area = runsArea(shared);
      if (area === 0) continue;
      const [x, y, w, h] = runsBbox(shared);
      const [lower, upper] = byZOrder(one, other) < 0 ? [id, other.id] : [other.id, id];
      const overlap: Overlap = { lower, upper, area, box: [x, y, x + w, y + h] };
      this.put(id, other.id, overlap);
      this.put(other.id, id, overlap);
    }
  }

  private put(id: string, other: string, overlap: Overlap): void {
    const known = this.overlaps.get(id) ?? new Map<string, Overlap>();
    this.overlaps.set(id, known.set(other, overlap));
  }

  /** By area; z-order breaks ties, so that the order tells nothing of how they were counted. */
  private sorted(): Overlap[] {
    const places = new Map(this.store.all().map(({ id }, i) => [id, i]));
    const placeOf = (id: string) => places.get(id) as number;
    // Each is there twice: here it is taken from its upper annotation.
    const all = [...this.overlaps].flatMap(([id, others]) =>
      [...others.values()].filter(({ upper }) => upper === id),
    );
    return all.sort(
      (a, b) =>
        b.area - a.area ||
        placeOf(a.upper) - placeOf(b.upper) ||
        placeOf(a.lower) - placeOf(b.lower),
    );
  }
}
