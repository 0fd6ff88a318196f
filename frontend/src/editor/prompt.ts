import { type BoxXYXY, boxFromCorners } from "../geometry/boxes";
import type { Point } from "../geometry/points";

/** 1 inside the object, 0 outside of it. */
export type Label = 0 | 1;

export interface PointMark {
  readonly kind: "point";
  readonly label: Label;
  readonly point: Point;
}

/** A line drawn by hand; `radius` is half its width in image pixels. */
export interface StrokeMark {
  readonly kind: "stroke";
  readonly label: Label;
  readonly points: readonly Point[];
  readonly radius: number;
}

export type Mark = PointMark | StrokeMark;

/** What the user has drawn to ask for a proposal: a box, and the points and strokes in the order they were given. */
export interface Prompt {
  readonly box: BoxXYXY | null;
  readonly marks: readonly Mark[];
}

/** What a prompt can start from: the box tool gives a box, the point tool points alone. */
export type Start = "bbox" | "points";

export function startOf(prompt: Prompt): Start {
  return prompt.box ? "bbox" : "points";
}

export function pointsOf(mark: Mark): readonly Point[] {
  return mark.kind === "point" ? [mark.point] : mark.points;
}

/** The box of the prompt or, without one, around its marks. */
export function promptBox({ box, marks }: Prompt): BoxXYXY {
  if (box) return box;
  const points = marks.flatMap(pointsOf);
  const xs = points.map(([x]) => x);
  const ys = points.map(([, y]) => y);
  return boxFromCorners([Math.min(...xs), Math.min(...ys)], [Math.max(...xs), Math.max(...ys)]);
}
