import RBush from "rbush";
import type { BoxXYXY } from "../geometry/boxes";
import { type Annotation, boxOf } from "./annotation";

interface Entry {
  readonly minX: number;
  readonly minY: number;
  readonly maxX: number;
  readonly maxY: number;
  readonly annotation: Annotation;
}

function entryOf(annotation: Annotation): Entry {
  const [minX, minY, maxX, maxY] = boxOf(annotation);
  return { minX, minY, maxX, maxY, annotation };
}

/** Lowest z-order first. The id breaks ties, so that two browsers draw the same order. */
export function byZOrder(a: Annotation, b: Annotation): number {
  if (a.z_order !== b.z_order) return a.z_order - b.z_order;
  return a.id === b.id ? 0 : a.id < b.id ? -1 : 1;
}

/** Annotations by place: those near a point or in view are found without looking at all of them. */
export class AnnotationIndex {
  private readonly tree = new RBush<Entry>();
  private readonly entries = new Map<string, Entry>();

  constructor(annotations: Iterable<Annotation> = []) {
    for (const annotation of annotations) this.entries.set(annotation.id, entryOf(annotation));
    this.tree.load([...this.entries.values()]);
  }

  add(annotation: Annotation): void {
    this.remove(annotation.id);
    const entry = entryOf(annotation);
    this.entries.set(annotation.id, entry);
    this.tree.insert(entry);
  }

  remove(id: string): void {
    const entry = this.entries.get(id);
    if (!entry) return;
    this.tree.remove(entry);
    this.entries.delete(id);
  }

  /** Those whose boxes touch the box, in no order. */
  touching([minX, minY, maxX, maxY]: BoxXYXY): Annotation[] {
    return this.tree.search({ minX, minY, maxX, maxY }).map(({ annotation }) => annotation);
  }
}
