import type { BoxXYXY } from "./boxes";
import { distance, type Point } from "./points";
import {
  insertVertex,
  moveVertex,
  nearestEdge,
  type Ring,
  ringHasPoint,
  translateRing,
  vertexAt,
  vertexCount,
} from "./rings";

/** An outer ring and any number of holes. */
export type Part = readonly Ring[];

/** Parts, united: the polygons of a segmentation. */
export type Polygons = readonly Part[];

/** Where a ring stands in polygons, and a vertex in its ring. */
export interface VertexAddress {
  readonly part: number;
  readonly ring: number;
  readonly vertex: number;
}

export interface PlaceOnEdge extends VertexAddress {
  readonly point: Point;
}

export function polygonsBox(polygons: Polygons): BoxXYXY {
  let x0 = Number.POSITIVE_INFINITY;
  let y0 = Number.POSITIVE_INFINITY;
  let x1 = Number.NEGATIVE_INFINITY;
  let y1 = Number.NEGATIVE_INFINITY;
  for (const part of polygons) {
    const outer = part[0] ?? [];
    for (let i = 0, n = vertexCount(outer); i < n; i++) {
      const [x, y] = vertexAt(outer, i);
      x0 = Math.min(x0, x);
      y0 = Math.min(y0, y);
      x1 = Math.max(x1, x);
      y1 = Math.max(y1, y);
    }
  }
  return [x0, y0, x1, y1];
}

export function partHasPoint(part: Part, point: Point): boolean {
  return part.reduce((inside, ring) => inside !== ringHasPoint(ring, point), false);
}

export function polygonsHavePoint(polygons: Polygons, point: Point): boolean {
  return polygons.some((part) => partHasPoint(part, point));
}

/** The length of all rings together. */
export function polygonsLength(polygons: Polygons): number {
  let total = 0;
  for (const { vertices } of rings(polygons)) {
    for (let i = 0, n = vertexCount(vertices); i < n; i++) {
      total += distance(vertexAt(vertices, i), vertexAt(vertices, i + 1));
    }
  }
  return total;
}

export function countVertices(polygons: Polygons): number {
  return polygons.reduce(
    (total, part) => total + part.reduce((sum, ring) => sum + vertexCount(ring), 0),
    0,
  );
}

function* rings(polygons: Polygons): Generator<{ part: number; ring: number; vertices: Ring }> {
  for (const [part, ringsOfPart] of polygons.entries()) {
    for (const [ring, vertices] of ringsOfPart.entries()) yield { part, ring, vertices };
  }
}

export function nearestVertex(
  polygons: Polygons,
  point: Point,
  within: number,
): VertexAddress | null {
  let best: VertexAddress | null = null;
  let closest = within;
  for (const { part, ring, vertices } of rings(polygons)) {
    for (let vertex = 0, n = vertexCount(vertices); vertex < n; vertex++) {
      const away = distance(vertexAt(vertices, vertex), point);
      if (away <= closest) {
        closest = away;
        best = { part, ring, vertex };
      }
    }
  }
  return best;
}

/** The nearest place on any edge; `vertex` is the one that its edge starts from. */
export function nearestPlace(polygons: Polygons, point: Point, within: number): PlaceOnEdge | null {
  let best: PlaceOnEdge | null = null;
  let closest = within;
  for (const { part, ring, vertices } of rings(polygons)) {
    const place = nearestEdge(vertices, point);
    if (place.distance <= closest) {
      closest = place.distance;
      best = { part, ring, vertex: place.index, point: place.point };
    }
  }
  return best;
}

export function ringAt(polygons: Polygons, { part, ring }: VertexAddress): Ring {
  return polygons[part]?.[ring] ?? [];
}

export function vertexOf(polygons: Polygons, address: VertexAddress): Point {
  return vertexAt(ringAt(polygons, address), address.vertex);
}

/** Polygons with one ring replaced; all others stay the same objects. */
export function replaceRing(polygons: Polygons, address: VertexAddress, ring: Ring): Polygons {
  return polygons.map((part, p) =>
    p === address.part ? part.map((old, r) => (r === address.ring ? ring : old)) : part,
  );
}

export function translatePolygons(polygons: Polygons, dx: number, dy: number): Polygons {
  return polygons.map((part) => part.map((ring) => translateRing(ring, dx, dy)));
}

/** Every vertex that lies exactly at the point. */
export function verticesAt(polygons: Polygons, [x, y]: Point): VertexAddress[] {
  const found: VertexAddress[] = [];
  for (const { part, ring, vertices } of rings(polygons)) {
    for (let vertex = 0, n = vertexCount(vertices); vertex < n; vertex++) {
      if (vertices[2 * vertex] === x && vertices[2 * vertex + 1] === y) {
        found.push({ part, ring, vertex });
      }
    }
  }
  return found;
}

/** Every edge between the two points, in either direction; `vertex` is the one that the edge starts from. */
export function edgesBetween(polygons: Polygons, a: Point, b: Point): VertexAddress[] {
  const isAt = (address: VertexAddress, [x, y]: Point, ahead: number) => {
    const [vx, vy] = vertexAt(ringAt(polygons, address), address.vertex + ahead);
    return vx === x && vy === y;
  };
  return [
    ...verticesAt(polygons, a).filter((address) => isAt(address, b, 1)),
    ...verticesAt(polygons, b).filter((address) => isAt(address, a, 1)),
  ];
}

/** Polygons with those vertices moved to the point. */
export function moveVertices(
  polygons: Polygons,
  addresses: readonly VertexAddress[],
  point: Point,
): Polygons {
  return addresses.reduce(
    (moved, at) => replaceRing(moved, at, moveVertex(ringAt(moved, at), at.vertex, point)),
    polygons,
  );
}

/** Polygons with a vertex more on each of those edges. */
export function insertVertices(
  polygons: Polygons,
  edges: readonly VertexAddress[],
  point: Point,
): Polygons {
  // From the last one: an earlier one in the same ring would move the others.
  return [...edges]
    .sort((a, b) => b.vertex - a.vertex)
    .reduce(
      (more, at) => replaceRing(more, at, insertVertex(ringAt(more, at), at.vertex, point)),
      polygons,
    );
}
