import { useMemo } from "react";
import { answer, api, type ImageDetail, type ImageState } from "../../api/client";
import type { StateSetting } from "../../editor/state-journal";
import { useStates, useWaitingState } from "../app/sending";
import { nextToDo } from "./nextToDo";

export interface ImageStates {
  /** The state of the open image; that on its way to the server when there is one. */
  readonly current: ImageState;
  readonly set: (state: ImageState) => void;
}

/** The open image's state of work; null while it loads. */
export function useImageStates(image: ImageDetail | undefined): ImageStates | null {
  const states = useStates();
  const waiting = useWaitingState(image?.id);
  return useMemo(
    () =>
      states && image
        ? { current: waiting ?? image.state, set: (state) => states.set(image, state) }
        : null,
    [states, image, waiting],
  );
}

/**
 * The next image that is not done or skipped, round the project; null when there is no other.
 *
 * @param waiting states on their way to the server, which does not know of them
 */
export function fetchNextToDo(
  image: ImageDetail,
  waiting: ReadonlyMap<number, StateSetting>,
): Promise<number | null> {
  const isOver = (id: number) => ["done", "skipped"].includes(waiting.get(id)?.state ?? "");
  const first = async (state: "new" | "in_progress", after: number): Promise<number | null> => {
    const { items } = await answer(
      api.GET("/api/projects/{project_id}/images", {
        params: { path: { project_id: image.project_id }, query: { state, after, limit: 1 } },
      }),
    );
    const id = items[0]?.id ?? null;
    return id !== null && isOver(id) ? first(state, id) : id;
  };
  return nextToDo(image.id, first);
}
