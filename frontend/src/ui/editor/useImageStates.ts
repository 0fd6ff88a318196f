import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useMemo } from "react";
import { answer, api, type ImageDetail, type ImageState } from "../../api/client";
import { keys } from "../queries";
import { notifyError } from "../shared/notify";
import { nextToDo } from "./nextToDo";

interface Setting {
  readonly imageId: number;
  readonly state: ImageState;
}

export interface ImageStates {
  /** The state of the open image; that on its way to the server when there is one. */
  readonly current: ImageState;
  readonly set: (state: ImageState) => void;
}

/** The open image's state of work; null while it loads. */
export function useImageStates(image: ImageDetail | undefined): ImageStates | null {
  const client = useQueryClient();
  const setting = useMutation({
    mutationFn: ({ imageId, state }: Setting) =>
      answer(
        api.PATCH("/api/images/{image_id}", {
          params: { path: { image_id: imageId } },
          body: { state },
        }),
      ),
    onSuccess: async ({ id, project_id }) => {
      await client.invalidateQueries({ queryKey: keys.image(id) });
      await client.invalidateQueries({ queryKey: keys.project(project_id) });
    },
    onError: (error) => notifyError("The state was not changed", error),
  });
  const { mutate, variables, isPending } = setting;
  const imageId = image?.id;
  const isOnItsWay = isPending && variables.imageId === imageId;
  const current = isOnItsWay ? variables.state : image?.state;
  return useMemo(
    () =>
      imageId === undefined || current === undefined
        ? null
        : { current, set: (state) => mutate({ imageId, state }) },
    [imageId, current, mutate],
  );
}

/** The next image that is not done or skipped, round the project; null when there is no other. */
export function fetchNextToDo(image: ImageDetail): Promise<number | null> {
  return nextToDo(image.id, async (state, after) => {
    const { items } = await answer(
      api.GET("/api/projects/{project_id}/images", {
        params: { path: { project_id: image.project_id }, query: { state, after, limit: 1 } },
      }),
    );
    return items[0]?.id ?? null;
  });
}
