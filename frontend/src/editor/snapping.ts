import { verticesBetween } from "../geometry/follow";
import { distance, type Point } from "../geometry/points";
import {
  nearestPlace,
  nearestVertex,
  ringAt,
  type VertexAddress,
  vertexOf,
} from "../geometry/polygons";
import { isPolygons } from "./annotation";
import type { Editor } from "./editor";
import type { PointerStep } from "./gesture";

/** How near a neighbour's vertex or edge must be, in screen pixels. A vertex goes before an edge. */
const VERTEX_REACH = 9;
const EDGE_REACH = 6;

/** A place on a neighbour's outline. */
export interface Snapped {
  readonly id: string;
  readonly address: VertexAddress;
  readonly point: Point;
}

/**
 * The place on a neighbour's outline that the pointer means; null when it means none.
 *
 * A place on an edge is not put on the pointer's grid: off the edge, there would be a gap or an overlap.
 */
export function snapAt(
  editor: Editor,
  { point, unitsPerPixel }: PointerStep,
  except: string | null = null,
): Snapped | null {
  if (!editor.drawing.snaps.get()) return null;
  let best: Snapped | null = null;
  let closest = Number.POSITIVE_INFINITY;
  const reach = VERTEX_REACH * unitsPerPixel;
  for (const { id, segmentation } of editor.shownNear(point, reach)) {
    if (id === except || !isPolygons(segmentation)) continue;
    const vertex = nearestVertex(segmentation, point, reach);
    const place = vertex ? null : nearestPlace(segmentation, point, EDGE_REACH * unitsPerPixel);
    const found: Snapped | null = vertex
      ? { id, address: vertex, point: vertexOf(segmentation, vertex) }
      : place && { id, address: place, point: place.point };
    // A vertex is meant rather than an edge that happens to be nearer.
    const away = found ? distance(found.point, point) + (vertex ? 0 : reach) : closest;
    if (found && away < closest) [closest, best] = [away, found];
  }
  return best;
}

/** The vertices of the neighbour's border between two places on one ring of it, so that the border is shared. */
export function borderBetween(editor: Editor, from: Snapped, to: Snapped): readonly Point[] {
  const { part, ring } = from.address;
  const isOneRing = from.id === to.id && part === to.address.part && ring === to.address.ring;
  const segmentation = editor.annotations.get(to.id)?.segmentation;
  if (!isOneRing || !segmentation || !isPolygons(segmentation)) return [];
  const place = ({ address, point }: Snapped) => ({ vertex: address.vertex, point });
  return verticesBetween(ringAt(segmentation, to.address), place(from), place(to));
}
