import CircleStyle from "ol/style/Circle";
import Fill from "ol/style/Fill";
import RegularShape from "ol/style/RegularShape";
import Stroke from "ol/style/Stroke";
import Style, { type RenderFunction } from "ol/style/Style";
import Text from "ol/style/Text";
import { OPACITY } from "./draw-settings";
import { type Line, polygonsRenderer } from "./polygons-renderer";

/** What is being worked on is drawn in one colour that no category has. */
const DRAFT = "#ffd166";
const OTHER = "#7cc4ff";
const WHITE = "#ffffff";
export const DARK = "rgba(8, 10, 13, 0.85)";

export function alpha(color: string, opacity: number): string {
  return `${color}${Math.round(opacity * 255)
    .toString(16)
    .padStart(2, "0")}`;
}

export interface AnnotationLook {
  readonly color: string;
  readonly isSelected: boolean;
  /** Opaque, as in a segment map. */
  readonly isFlat?: boolean;
  /** How strongly it is filled, from 0 to 1. */
  readonly opacity?: number;
}

/** How a fill of that colour and opacity, and lines over it, are drawn. */
export type Paint = (color: string, opacity: number, lines: readonly Line[]) => RenderFunction;

const paintOutline: Paint = (color, opacity, lines) =>
  polygonsRenderer(alpha(color, opacity), lines);

/** What an annotation is filled and outlined with. */
export interface Inks {
  readonly opacity: number;
  readonly fill: string;
  readonly lines: readonly Line[];
}

function mixed({
  color,
  isSelected,
  isFlat = false,
  opacity: full = OPACITY,
}: AnnotationLook): Inks {
  if (isFlat) {
    // The line hides the seam that smoothing leaves between neighbours; a real gap is wider when one looks closely.
    const edge = { color: isSelected ? WHITE : color, width: isSelected ? 2.25 : 1 };
    return { opacity: 1, fill: color, lines: [edge] };
  }
  // A selected one is filled less: who moves its vertices must see the edge under it.
  const opacity = isSelected ? full * 0.6 : full;
  const halo = { color: DARK, width: 4.5 };
  const line = { color, width: isSelected ? 2.25 : 1.5 };
  return { opacity, fill: alpha(color, opacity), lines: isSelected ? [halo, line] : [line] };
}

const inks = new Map<string, Inks>();

export function inksOf(look: AnnotationLook): Inks {
  const key = `${look.color} ${look.isSelected} ${look.isFlat ?? false} ${look.opacity}`;
  const known = inks.get(key) ?? mixed(look);
  inks.set(key, known);
  return known;
}

export function annotationStyle(
  color: string,
  { zIndex, isSelected }: { readonly zIndex: number; readonly isSelected: boolean },
  paint = paintOutline,
): Style {
  const { opacity, lines } = inksOf({ color, isSelected });
  return new Style({ zIndex, renderer: paint(color, opacity, lines) });
}

/** What is added to an annotation under the pointer. */
export function hoverStyle(color: string, paint = paintOutline): Style {
  return new Style({ renderer: paint(color, 0.2, [{ color, width: 2.25 }]) });
}

export function proposalStyle(paint = paintOutline): Style {
  const lines = [
    { color: DARK, width: 4 },
    { color: DRAFT, width: 2, dash: [7, 5] },
  ];
  return new Style({ renderer: paint(DRAFT, 0.22, lines) });
}

/** The proposal that is compared with the one shown: a thin line over it, in no category's colour either. */
export const OTHER_STYLE = new Style({
  renderer: polygonsRenderer("transparent", [
    { color: DARK, width: 3 },
    { color: OTHER, width: 1.5, dash: [5, 3] },
  ]),
});

export const PROMPT_STYLE = [
  new Style({ stroke: new Stroke({ color: DARK, width: 3.5 }) }),
  new Style({
    fill: new Fill({ color: alpha(DRAFT, 0.08) }),
    stroke: new Stroke({ color: DRAFT, width: 1.5 }),
  }),
];

export const DRAFT_STYLE = {
  fill: new Style({ renderer: polygonsRenderer(alpha(DRAFT, 0.14), []) }),
  line: [
    new Style({ stroke: new Stroke({ color: DARK, width: 4 }) }),
    new Style({ stroke: new Stroke({ color: DRAFT, width: 2 }) }),
  ],
};

function handleStyle(radius: number): Style {
  return new Style({
    zIndex: 10,
    image: new RegularShape({
      points: 4,
      radius,
      angle: Math.PI / 4,
      fill: new Fill({ color: WHITE }),
      stroke: new Stroke({ color: DARK, width: 1.25 }),
    }),
  });
}

export const HANDLE_STYLE = handleStyle(5);
export const SMALL_HANDLE_STYLE = handleStyle(3);

export const HOT_HANDLE_STYLE = new Style({
  zIndex: 11,
  image: new CircleStyle({
    radius: 6,
    fill: new Fill({ color: DRAFT }),
    stroke: new Stroke({ color: DARK, width: 1.5 }),
  }),
});

/** Words on the canvas, which can be read on any picture. */
export function labelStyle(text: string): Style {
  return new Style({
    zIndex: 12,
    text: new Text({
      text,
      font: "500 12px 'Inter Variable', sans-serif",
      offsetY: -16,
      padding: [4, 6, 3, 6],
      fill: new Fill({ color: WHITE }),
      backgroundFill: new Fill({ color: DARK }),
    }),
  });
}

/** What no annotation has, where a segment map is shown: stripes that no category has. */
export function voidStyle(): Style {
  const tile = document.createElement("canvas");
  tile.width = 12;
  tile.height = 12;
  const context = tile.getContext("2d");
  const fill = new Fill({ color: "rgba(255, 0, 200, 0.4)" });
  if (!context) return new Style({ fill });
  context.fillStyle = "rgba(20, 0, 16, 0.72)";
  context.fillRect(0, 0, 12, 12);
  context.strokeStyle = "#ff2fd0";
  context.lineWidth = 2;
  for (const x of [-12, 0, 12]) {
    context.moveTo(x, 12);
    context.lineTo(x + 12, 0);
  }
  context.stroke();
  const pattern = context.createPattern(tile, "repeat");
  if (pattern) fill.setColor(pattern);
  return new Style({ fill });
}
