import type { Point } from "../geometry/points";
import { distance } from "../geometry/points";
import {
  edgesBetween,
  insertVertices,
  moveVertices,
  nearestPlace,
  nearestVertex,
  type Polygons,
  polygonsBox,
  replaceRing,
  ringAt,
  type VertexAddress,
  verticesAt,
} from "../geometry/polygons";
import { removeVertex, vertexAt } from "../geometry/rings";
import type { Gesture, PointerStep } from "./gesture";
import { reach, reachOf } from "./reach";

/** How near a vertex or an edge the pointer must be, in screen pixels. */
const VERTEX_REACH = reach(8);
/** With a finger less than of a vertex: to press beside an edge mostly means what is there. */
const EDGE_REACH = reach(6, 12);
/** A press that moves less is a click. */
export const CLICK_REACH = 3;

/** What is under the pointer: a vertex, or a place on an edge where a vertex can be put. */
export type HotVertex =
  | { readonly kind: "vertex"; readonly address: VertexAddress }
  | { readonly kind: "place"; readonly address: VertexAddress; readonly point: Point };

/** Polygons of an annotation, by its id. */
export interface Outlined {
  readonly id: string;
  readonly polygons: Polygons;
}

/** Polygons whose vertices can be worked on: those of an annotation, or of a proposal. */
export interface Reshapable {
  readonly polygons: Polygons;
  /** The neighbours that may share vertices with it. */
  readonly neighbours: () => readonly Outlined[];
  readonly preview: (polygons: Polygons, neighbours: readonly Outlined[]) => void;
  readonly commit: (name: string, polygons: Polygons, neighbours: readonly Outlined[]) => void;
  /** Show the polygons as they were. */
  readonly restore: () => void;
}

export function hotVertexAt(polygons: Polygons, step: PointerStep): HotVertex | null {
  const { point } = step;
  const [x0, y0, x1, y1] = step.isFinger ? polygonsBox(polygons) : [0, 0, 0, 0];
  const room = Math.min(x1 - x0, y1 - y0);
  const address = nearestVertex(polygons, point, reachOf(step, VERTEX_REACH, room));
  if (address) return { kind: "vertex", address };
  const place = nearestPlace(polygons, point, reachOf(step, EDGE_REACH, room));
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

/** What moves with a vertex, or with a new one on an edge: given the place it goes to, the neighbours' polygons. */
type Company = (to: Point) => readonly Outlined[];

/** Neighbours that have the same vertex, or the same edge, go along, so that a shared border stays shared. */
export function companyOf(target: Reshapable, hot: HotVertex): Company {
  const ring = ringAt(target.polygons, hot.address);
  const a = vertexAt(ring, hot.address.vertex);
  const b = vertexAt(ring, hot.address.vertex + 1);
  const moves = target.neighbours().flatMap(({ id, polygons }) => {
    const isVertex = hot.kind === "vertex";
    const at = isVertex ? verticesAt(polygons, a) : edgesBetween(polygons, a, b);
    if (at.length === 0) return [];
    const change = isVertex ? moveVertices : insertVertices;
    return [(to: Point) => ({ id, polygons: change(polygons, at, to) })];
  });
  return (to) => moves.map((move) => move(to));
}

const nobody: Company = () => [];

/** The gesture on a vertex or an edge: drag it, put one in, or take one out with Alt. Alt also leaves neighbours alone. */
export function* reshape(target: Reshapable, hot: HotVertex, down: PointerStep): Gesture {
  const { polygons } = target;
  const isNew = hot.kind === "place";
  const { address } = hot;
  const company = down.alt ? nobody : companyOf(target, hot);
  const place = isNew ? hot.point : vertexAt(ringAt(polygons, address), address.vertex);
  const shapeFor = (to: Point) => (isNew ? insertVertices : moveVertices)(polygons, [address], to);
  /** Where it goes; null while it is only pressed. */
  let to: Point | null = isNew && !down.alt ? place : null;
  let committed = false;
  try {
    if (to) target.preview(shapeFor(to), company(to));
    for (let step = yield; step.type !== "pointerup"; step = yield) {
      if (step.type !== "pointermove" || (to === null && isClick(down, step))) continue;
      if (isNew && to === place && isClick(down, step)) continue;
      to = step.point;
      target.preview(shapeFor(to), company(to));
    }
    committed = true;
    target.restore();
    if (to) target.commit(isNew ? "Insert vertex" : "Move vertex", shapeFor(to), company(to));
    else if (down.alt && !isNew) {
      const less = withoutVertex(polygons, address);
      if (less !== polygons) target.commit("Remove vertex", less, []);
    }
  } finally {
    if (!committed) target.restore();
  }
}
