import Feature from "ol/Feature";
import { boxCorners } from "../geometry/boxes";
import type { Polygons } from "../geometry/polygons";
import { ringFromPoints } from "../geometry/rings";
import { isPolygons, type Segmentation, segmentationBox } from "./annotation";
import { polygonsToMap } from "./coordinates";
import { maskRenderer } from "./mask-renderer";
import { isRough, outlineOf } from "./masks";
import type { Paint } from "./styles";

/** The outline of a segmentation or, when it has too many corners, of its box. */
export function outline(segmentation: Segmentation): Polygons {
  if (isPolygons(segmentation)) return segmentation;
  return isRough(segmentation)
    ? [[ringFromPoints(boxCorners(segmentationBox(segmentation)))]]
    : [outlineOf(segmentation)];
}

/** What has too many corners is shown as a picture, with lines round its box only when it is pointed out. */
export function paintOf(segmentation: Segmentation, isPointedOut: boolean): Paint | undefined {
  if (isPolygons(segmentation) || !isRough(segmentation)) return undefined;
  return (color, opacity, lines) =>
    maskRenderer(
      segmentation,
      segmentationBox(segmentation),
      color,
      opacity,
      isPointedOut ? lines : [],
    );
}

export function polygonsFeature(polygons: Polygons): Feature {
  return new Feature(polygonsToMap(polygons));
}
