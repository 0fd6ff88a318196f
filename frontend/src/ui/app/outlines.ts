import type { AwaitingCategory } from "../../editor/options";

/** Outlines drawn before there was any category, by image, for when the image is left before it is named. */
export const outlines = new Map<number, readonly AwaitingCategory[]>();
