import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { answer, api, type Image } from "../../api/client";
import { imageOptions, keys, useImages } from "../queries";
import { type ImageLists, imagesAfter, imagesAround, imagesBefore, type StripPage } from "./strip";

interface Pages {
  readonly pages: readonly { readonly items: readonly Image[] }[];
}

function imagesOf(data: Pages | undefined): Image[] {
  return data?.pages.flatMap(({ items }) => items) ?? [];
}

type Place = { readonly kind: "around" | "before" | "after"; readonly id: number };

function useImagesAround(projectId: number, imageId: number, enabled: boolean) {
  const client = useQueryClient();
  const lists: ImageLists = {
    list: (after, limit) =>
      answer(
        api.GET("/api/projects/{project_id}/images", {
          params: { path: { project_id: projectId }, query: { after, limit } },
        }),
      ),
    previousOf: async (id) => (await client.fetchQuery(imageOptions(id))).previous_id,
  };
  return useInfiniteQuery({
    queryKey: [...keys.images(projectId), "around", imageId],
    enabled,
    queryFn: ({ pageParam: { kind, id } }): Promise<StripPage> => {
      if (kind === "around") return imagesAround(lists, id);
      return kind === "before" ? imagesBefore(lists, id) : imagesAfter(lists, id);
    },
    initialPageParam: { kind: "around", id: imageId } as Place,
    getNextPageParam: ({ next }): Place | null =>
      next === null ? null : { kind: "after", id: next },
    getPreviousPageParam: ({ isFirst, items }): Place | null =>
      isFirst || !items[0] ? null : { kind: "before", id: items[0].id },
  });
}

/** The project's images from the first one on or, when the open one is not among those loaded, on both sides of it. */
export function useStrip(projectId: number, imageId: number) {
  const isOpen = ({ id }: Image) => id === imageId;
  const listed = useImages(projectId);
  const images = imagesOf(listed.data);
  const isFar = listed.isSuccess && !images.some(isOpen);
  const [anchor, setAnchor] = useState(imageId);
  const around = useImagesAround(projectId, anchor, isFar);
  const near = imagesOf(around.data);
  const isAnchored = isFar && (!around.isSuccess || near.some(isOpen));
  if (!isAnchored && anchor !== imageId) setAnchor(imageId);
  const shown = isFar ? around : listed;
  return {
    images: isFar ? near : images,
    isMoreBefore: shown.hasPreviousPage && !shown.isFetching,
    isMoreAfter: shown.hasNextPage && !shown.isFetching,
    loadBefore: () => void shown.fetchPreviousPage(),
    loadAfter: () => void shown.fetchNextPage(),
  };
}
