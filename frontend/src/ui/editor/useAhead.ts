import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { displayUrl, type Image, type ImageDetail } from "../../api/client";
import { fetchAnnotations } from "../../api/edits";
import type { Editor } from "../../editor/editor";
import type { Journal } from "../../editor/journal";
import { decodeAhead } from "../../editor/picture";
import { keys } from "../queries";
import { Ahead } from "./ahead";
import { listImages } from "./listImages";

/** The open image comes first. */
const PAUSE_MS = 150;
const LONGEST_MS = 60_000;

/** Annotations of the images that may be opened next. */
export const annotationsAhead = new Ahead(fetchAnnotations, LONGEST_MS);

/** The images on both sides of one, with the one after the next, in order. */
async function neighboursOf(image: ImageDetail): Promise<Image[]> {
  const { project_id, previous_id, id, next_id } = image;
  const [before, after] = await Promise.all([
    previous_id === null ? [] : listImages(project_id, previous_id - 1, 1),
    next_id === null ? [] : listImages(project_id, id, 2),
  ]);
  return [...before, ...after];
}

/** While an image is worked on, the next and the previous one are made ready to be shown at once. */
export function useAhead(
  editor: Editor | null,
  image: ImageDetail | undefined,
  journal: Journal | undefined,
): void {
  const client = useQueryClient();
  const isOpen = editor !== null && editor.image.id === image?.id;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the image is opened once, whatever becomes of its state
  useEffect(() => {
    if (!isOpen || !image || !journal) return;
    let isGone = false;
    const prepare = async () => {
      const near = await neighboursOf(image);
      if (isGone) return;
      const sides = near.filter(({ id }) => id === image.previous_id || id === image.next_id);
      decodeAhead(sides.map(displayUrl));
      // Edits on their way would be missing in what the server answers now.
      const settled = sides.filter(({ id }) => !journal.counts.get().has(id));
      annotationsAhead.prepare(settled.map(({ id }) => id));
      const next = near.find(({ id }) => id === image.next_id);
      if (!next || client.getQueryData(keys.image(next.id))) return;
      const following = near.find(({ id }) => id > next.id)?.id ?? null;
      const detail: ImageDetail = { ...next, previous_id: image.id, next_id: following };
      // Old from the start: it is asked for again when it is opened, which also tells the server of it.
      client.setQueryData(keys.image(next.id), detail, { updatedAt: 1 });
    };
    const timer = setTimeout(() => prepare().catch(() => {}), PAUSE_MS);
    return () => {
      isGone = true;
      clearTimeout(timer);
    };
  }, [isOpen, image?.id, journal]);
}
