import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { fetchHistory } from "../../api/history";
import { isStored } from "../../editor/sync";
import { keys } from "../queries";
import { useEditorContext } from "./context";

/** The log of the open image, the newest edits first; asked for again when edits of this page were saved. */
export function useHistory() {
  const client = useQueryClient();
  const { image, sync } = useEditorContext();
  useEffect(
    () =>
      sync.status.subscribe((status) => {
        if (isStored(status)) {
          void client.invalidateQueries({ queryKey: keys.history(image.id) });
        }
      }),
    [client, image.id, sync],
  );
  return useInfiniteQuery({
    queryKey: keys.history(image.id),
    staleTime: 0,
    queryFn: ({ pageParam }) => fetchHistory(image.id, pageParam),
    initialPageParam: null as number | null,
    getNextPageParam: (page) => page.next,
  });
}
