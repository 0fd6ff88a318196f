import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import type { ImageDetail } from "../../api/client";
import type { Editor } from "../../editor/editor";
import { isStored } from "../../editor/sync";
import { keys } from "../queries";

/** Counts and states of the lists change while an image is worked on: they are asked for again afterwards. */
export function useRefreshOnLeave(projectId: number, imageId: number): void {
  const client = useQueryClient();
  useEffect(
    () => () => {
      void client.invalidateQueries({ queryKey: keys.project(projectId) });
      void client.invalidateQueries({ queryKey: keys.image(imageId) });
      void client.invalidateQueries({ queryKey: keys.projects });
    },
    [client, projectId, imageId],
  );
}

/** The server takes a new image for begun when its first edit comes: the state's mark should follow. */
export function useRefreshWhenBegun(editor: Editor | null, image: ImageDetail | undefined): void {
  const client = useQueryClient();
  const isNew = image?.state === "new";
  const { id, project_id } = image ?? { id: 0, project_id: 0 };
  useEffect(() => {
    if (!editor || !isNew) return;
    return editor.sync.status.subscribe((status) => {
      if (!isStored(status)) return;
      void client.invalidateQueries({ queryKey: keys.image(id) });
      void client.invalidateQueries({ queryKey: keys.images(project_id) });
    });
  }, [client, editor, isNew, id, project_id]);
}
