import type { Image } from "../../api/client";

/** Images of a part of a project, in the project's order, which is that of their ids. */
export interface StripPage {
  readonly items: readonly Image[];
  /** Nothing of the project comes before these. */
  readonly isFirst: boolean;
  /** The `after` of what comes next; null at the end. */
  readonly next: number | null;
}

/** What of the API the strip needs. */
export interface ImageLists {
  /** A page of the project's images with ids over `after`. */
  readonly list: (after: number, limit: number) => Promise<{ items: Image[]; next: number | null }>;
  /** The id of the image before one in its project. */
  readonly previousOf: (imageId: number) => Promise<number | null>;
}

export const STRIP_PAGE = 60;

/**
 * The images before one. Lists are paged forwards only; but the last 60 ids before it have at most 60 images among
 * them, so the page that begins with the first of these ids misses none.
 */
export async function imagesBefore(
  lists: ImageLists,
  imageId: number,
  limit = STRIP_PAGE,
): Promise<StripPage> {
  const within = async (end: number): Promise<StripPage> => {
    const after = Math.max(end - 1 - limit, 0);
    const { items } = await lists.list(after, limit);
    const before = items.filter(({ id }) => id < end);
    return { items: before, isFirst: after === 0, next: imageId - 1 };
  };
  const page = await within(imageId);
  if (page.items.length > 0 || page.isFirst) return page;
  // All of those ids are of other projects, or of images that are gone.
  const previous = await lists.previousOf(imageId);
  return previous === null ? { ...page, isFirst: true } : within(previous + 1);
}

export async function imagesAfter(
  lists: ImageLists,
  after: number,
  limit = STRIP_PAGE,
): Promise<StripPage> {
  const { items, next } = await lists.list(after, limit);
  return { items, isFirst: false, next };
}

/** An image with those before and after it; no more than a page, so that asking again from its start has them all. */
export async function imagesAround(lists: ImageLists, imageId: number): Promise<StripPage> {
  const [before, after] = await Promise.all([
    imagesBefore(lists, imageId, STRIP_PAGE / 2),
    imagesAfter(lists, imageId - 1, STRIP_PAGE / 2),
  ]);
  return {
    items: [...before.items, ...after.items],
    isFirst: before.isFirst,
    next: after.next,
  };
}
