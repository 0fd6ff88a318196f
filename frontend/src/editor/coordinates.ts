import type { Coordinate } from "ol/coordinate";
import type { Extent } from "ol/extent";
import MultiPolygon from "ol/geom/MultiPolygon";
import Projection from "ol/proj/Projection";
import type { Point, Size } from "../geometry/points";
import type { Part, Polygons } from "../geometry/polygons";
import type { Ring } from "../geometry/rings";

// The only file where the image's y (down) meets the map's (up): the map shows the image in [0, W] × [-H, 0].

export function imageExtent({ width, height }: Size): Extent {
  return [0, -height, width, 0];
}

export function imageProjection(size: Size): Projection {
  return new Projection({ code: "image", units: "pixels", extent: imageExtent(size) });
}

export function toMap([x, y]: Point): Coordinate {
  return [x, -y];
}

export function toImage(coordinate: Coordinate): Point {
  // 0 - y, not -y: a minus zero would travel into the JSON.
  return [coordinate[0] as number, 0 - (coordinate[1] as number)];
}

/** A step in screen pixels (y down, as the image) on the map, `resolution` map units a pixel. */
export function stepToMap([dx, dy]: Point, resolution: number): Coordinate {
  return [dx * resolution, -dy * resolution];
}

/** OpenLayers wants the last coordinate of a ring to repeat the first. */
export function ringToMap(ring: Ring): Coordinate[] {
  const coordinates: Coordinate[] = [];
  for (let i = 0; i + 1 < ring.length; i += 2) {
    coordinates.push(toMap([ring[i] as number, ring[i + 1] as number]));
  }
  const first = coordinates[0];
  return first ? [...coordinates, first] : coordinates;
}

const partToMap = (part: Part) => part.map(ringToMap);

export function polygonsToMap(polygons: Polygons): MultiPolygon {
  return new MultiPolygon(polygons.map(partToMap));
}
