import type { Annotation } from "./annotation";

/** Which annotations are wanted: those that every part lets through. */
export interface AnnotationFilter {
  /** Of one of these; empty: of any. */
  readonly categories: readonly number[];
  /** Who made it: "manual" or an engine; empty: anybody. */
  readonly sources: readonly string[];
  /** From and to, 0 to 1; what has no score passes only [0, 1]. */
  readonly score: readonly [number, number];
  /** Pixels from and to; null: no bound. */
  readonly area: readonly [number | null, number | null];
}

export const EVERYTHING: AnnotationFilter = {
  categories: [],
  sources: [],
  score: [0, 1],
  area: [null, null],
};

export function isEverything({ categories, sources, score, area }: AnnotationFilter): boolean {
  const [least, most] = score;
  const isAnyArea = area[0] === null && area[1] === null;
  return categories.length === 0 && sources.length === 0 && least === 0 && most === 1 && isAnyArea;
}

export function passes(filter: AnnotationFilter, annotation: Annotation): boolean {
  const { categories, sources, score, area } = filter;
  const isAnyScore = score[0] === 0 && score[1] === 1;
  const own = annotation.score;
  return (
    (categories.length === 0 || categories.includes(annotation.category_id)) &&
    (sources.length === 0 || sources.includes(annotation.source)) &&
    (isAnyScore || (own !== null && own >= score[0] && own <= score[1])) &&
    (area[0] === null || annotation.area >= area[0]) &&
    (area[1] === null || annotation.area <= area[1])
  );
}
