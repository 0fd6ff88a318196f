import type { AwaitingCategory } from "../../editor/options";

/** Outlines that wait for the first category, by image, for when the image is left before it is named. */
export const outlines = new Map<number, AwaitingCategory>();
