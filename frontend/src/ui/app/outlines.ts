import type { AwaitingCategory } from "../../editor/editor";

/** Outlines that wait for the first category, by image, for when the image is left before it is named. */
export const outlines = new Map<number, AwaitingCategory>();
