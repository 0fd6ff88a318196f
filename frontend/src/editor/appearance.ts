import type { Annotation, Category } from "./annotation";

/** How annotations are shown: as outlines over the image, or as the segment map that they make. */
export type View = "annotations" | "semantic" | "instance" | "panoptic";

export const VIEWS: Readonly<Record<View, string>> = {
  annotations: "Outlines",
  semantic: "Semantic",
  instance: "Instance",
  panoptic: "Panoptic",
};

const UNKNOWN = "#8a94a3";

/** A number from 0 to 1 that an id always has. Source: FNV-1a, and the mixing at the end of MurmurHash3, public domain. */
function fraction(id: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < id.length; i++) hash = Math.imul(hash ^ id.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}

function hex(channels: readonly number[]): string {
  const byte = (value: number) => Math.round(Math.min(Math.max(value, 0), 1) * 255);
  return `#${channels.map((value) => byte(value).toString(16).padStart(2, "0")).join("")}`;
}

/** Hue, saturation and lightness, from 0 to 1, as #rrggbb. */
function fromHSL(hue: number, saturation: number, lightness: number): string {
  const reach = saturation * Math.min(lightness, 1 - lightness);
  const channel = (shift: number) => {
    const k = (shift + hue * 12) % 12;
    return lightness - reach * Math.max(-1, Math.min(k - 3, 9 - k, 1));
  };
  return hex([channel(0), channel(8), channel(4)]);
}

function shaded(color: string, by: number): string {
  const value = Number.parseInt(color.slice(1), 16);
  const channels = [value >> 16, (value >> 8) & 255, value & 255].map((channel) => channel / 255);
  return hex(
    channels.map((channel) => (by > 0 ? channel + (1 - channel) * by : channel * (1 + by))),
  );
}

/**
 * The colour of an annotation: its category's, or one of its own. In a panoptic map things are told apart by shades of
 * their category's colour, and stuff has that colour itself.
 */
export function colorIn(view: View, { id }: Annotation, category: Category | undefined): string {
  const color = category?.color ?? UNKNOWN;
  if (view === "instance") return fromHSL(fraction(id), 0.65, 0.45 + 0.2 * fraction(`${id} light`));
  if (view === "panoptic" && category?.isthing) return shaded(color, 0.9 * fraction(id) - 0.45);
  return color;
}
