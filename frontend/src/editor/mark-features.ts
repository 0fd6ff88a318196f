import Feature from "ol/Feature";
import LineString from "ol/geom/LineString";
import PointGeometry from "ol/geom/Point";
import CircleStyle from "ol/style/Circle";
import Fill from "ol/style/Fill";
import RegularShape from "ol/style/RegularShape";
import Stroke from "ol/style/Stroke";
import Style from "ol/style/Style";
import { toMap } from "./coordinates";
import type { Label, Mark, StrokeMark } from "./prompt";
import { alpha, DARK } from "./styles";

/** Outside, inside. Told apart by their signs too: red and green are one colour to many eyes. */
export const MARK_COLORS: Readonly<Record<Label, string>> = { 0: "#ff5d5d", 1: "#37d67a" };
const WHITE = "#ffffff";
const DOT = 7.5;
const ARM = 4;

function bar(angle: number): Style {
  return new Style({
    zIndex: 14,
    image: new RegularShape({
      points: 2,
      radius: ARM,
      angle,
      stroke: new Stroke({ color: WHITE, width: 2 }),
    }),
  });
}

/** A minus or, with its upright, a plus. */
function sign(label: Label): Style[] {
  const level = bar(Math.PI / 2);
  return label === 1 ? [level, bar(0)] : [level];
}

function pointStyle(label: Label): Style[] {
  const dot = (radius: number, color: string, zIndex: number) =>
    new Style({ zIndex, image: new CircleStyle({ radius, fill: new Fill({ color }) }) });
  return [
    dot(DOT + 2, DARK, 12),
    dot(DOT + 0.75, WHITE, 13),
    dot(DOT - 0.5, MARK_COLORS[label], 13),
    ...sign(label),
  ];
}

const POINT_STYLES: Readonly<Record<Label, Style[]>> = { 0: pointStyle(0), 1: pointStyle(1) };

function strokeStyle({ label, points, radius }: StrokeMark, resolution: number): Style[] {
  const width = Math.max((2 * radius) / resolution, 2);
  const line = (color: string, more: number) =>
    new Style({
      zIndex: 11,
      stroke: new Stroke({ color, width: width + more, lineCap: "round", lineJoin: "round" }),
    });
  const [first] = points;
  const start = first && new PointGeometry(toMap(first));
  const styles = [line("rgba(8, 10, 13, 0.5)", 3), line(alpha(MARK_COLORS[label], 0.62), 0)];
  if (!start) return styles;
  const signs = POINT_STYLES[label].map((style) => {
    const placed = style.clone();
    placed.setGeometry(start);
    return placed;
  });
  return [...styles, ...signs];
}

/** A point or a stroke of a prompt, with its sign. */
export function markFeature(mark: Mark): Feature {
  if (mark.kind === "point") {
    const feature = new Feature(new PointGeometry(toMap(mark.point)));
    feature.setStyle(POINT_STYLES[mark.label]);
    return feature;
  }
  const feature = new Feature(new LineString(mark.points.map(toMap)));
  feature.setStyle((_, resolution) => strokeStyle(mark, resolution));
  return feature;
}

/** The pointer while it marks: a ring as wide as a stroke would be. */
export function brushStyle(label: Label, radius: number): Style[] {
  const ring = (color: string, width: number) =>
    new Style({
      zIndex: 15,
      image: new CircleStyle({ radius, stroke: new Stroke({ color, width }) }),
    });
  const aside = sign(label).map((style) => {
    const image = style.getImage();
    const moved = image?.clone();
    moved?.setDisplacement([radius + 9, radius + 9]);
    return new Style({ zIndex: 16, ...(moved ? { image: moved } : {}) });
  });
  const badge = new Style({
    zIndex: 15,
    image: new CircleStyle({
      radius: 7,
      displacement: [radius + 9, radius + 9],
      fill: new Fill({ color: MARK_COLORS[label] }),
      stroke: new Stroke({ color: DARK, width: 1.5 }),
    }),
  });
  return [ring(DARK, 3.5), ring(MARK_COLORS[label], 1.75), badge, ...aside];
}

const TIP_STYLES = [true, false].map((isAdding) => [
  new Style({ zIndex: 15, stroke: new Stroke({ color: DARK, width: 3.5 }) }),
  new Style({
    zIndex: 15,
    stroke: new Stroke({
      color: isAdding ? WHITE : MARK_COLORS[0],
      width: 1.5,
      ...(isAdding ? {} : { lineDash: [4, 3] }),
    }),
  }),
]);

/** The brush's outline: a dashed red one erases. */
export function tipStyle(isAdding: boolean): Style[] {
  return TIP_STYLES[isAdding ? 0 : 1] ?? [];
}
