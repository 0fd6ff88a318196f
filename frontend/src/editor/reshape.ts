import type { Point } from "../geometry/points";
import { distance } from "../geometry/points";
import {
  nearestPlace,
  nearestVertex,
  type Polygons,
  replaceRing,
  ringAt,
  type VertexAddress,
} from "../geometry/polygons";
import { insertVertex, moveVertex, removeVertex } from "../geometry/rings";
import type { Gesture, PointerStep } from "./gesture";

/** How near a vertex or an edge the pointer must be, in screen pixels. */
const VERTEX_REACH = 8;
const EDGE_REACH = 6;
/** A press that moves less is a click. */
export const CLICK_REACH = 3;

/** What is under the pointer: a vertex, or a place on an edge where a vertex can be put. */
export type HotVertex =
  | { readonly kind: "vertex"; readonly address: VertexAddress }
  | { readonly kind: "place"; readonly address: VertexAddress; readonly point: Point };

/** Polygons whose vertices can be worked on: those of an annotation, or of a proposal. */
export interface Reshapable {
  readonly polygons: Polygons;
  readonly preview: (polygons: Polygons) => void;
  readonly commit: (name: string, polygons: Polygons) => void;
  /** Show the polygons as they were. */
  readonly restore: () => void;
}

export function hotVertexAt(polygons: Polygons, step: PointerStep): HotVertex | null {
  const { point, unitsPerPixel } = step;
  const address = nearestVertex(polygons, point, VERTEX_REACH * unitsPerPixel);
  if (address) return { kind: "vertex", address };
  const place = nearestPlace(polygons, point, EDGE_REACH * unitsPerPixel);
  return place && { kind: "place", address: place, point: place.point };
}

export function withoutVertex(polygons: Polygons, address: VertexAddress): Polygons {
  const ring = ringAt(polygons, address);
  const less = removeVertex(ring, address.vertex);
  return less === ring ? polygons : replaceRing(polygons, address, less);
}

export function isClick(down: PointerStep, step: PointerStep): boolean {
  return distance(down.pixel, step.pixel) <= CLICK_REACH;
}

/** The gesture on a vertex or an edge: drag it, put one in, or take one out with Alt. */
export function* reshape(target: Reshapable, hot: HotVertex, down: PointerStep): Gesture {
  const { polygons } = target;
  if (down.alt) {
    if (hot.kind !== "vertex") return;
    const less = withoutVertex(polygons, hot.address);
    if (less !== polygons) target.commit("Remove vertex", less);
    return;
  }
  const isNew = hot.kind === "place";
  const { address } = hot;
  const at = { ...address, vertex: isNew ? address.vertex + 1 : address.vertex };
  const start = isNew
    ? replaceRing(polygons, at, insertVertex(ringAt(polygons, at), address.vertex, hot.point))
    : polygons;
  let shown = start;
  let committed = false;
  try {
    if (isNew) target.preview(shown);
    for (let step = yield; ; step = yield) {
      if (step.type === "pointerup") break;
      if (step.type !== "pointermove" || (shown === start && isClick(down, step))) continue;
      shown = replaceRing(start, at, moveVertex(ringAt(start, at), at.vertex, step.point));
      target.preview(shown);
    }
    if (shown !== polygons) {
      committed = true;
      target.restore();
      target.commit(isNew ? "Insert vertex" : "Move vertex", shown);
    }
  } finally {
    if (!committed) target.restore();
  }
}
