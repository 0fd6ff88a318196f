import { useMutation, useQueryClient } from "@tanstack/react-query";
import { answer, api, type Category } from "../../api/client";
import { freeColor, freeHotkey } from "../project/free";
import { keys } from "../queries";

/** Make a category from a name alone; colour and hotkey are the first free ones. */
export function useAddCategory(projectId: number, added: (category: Category) => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (name: string) => {
      const categories = client.getQueryData<Category[]>(keys.categories(projectId)) ?? [];
      return answer(
        api.POST("/api/projects/{project_id}/categories", {
          params: { path: { project_id: projectId } },
          body: {
            name,
            color: freeColor(categories),
            hotkey: freeHotkey(categories),
            supercategory: "",
            isthing: true,
          },
        }),
      );
    },
    onSuccess: (category) => {
      client.setQueryData<Category[]>(keys.categories(projectId), (before) => [
        ...(before ?? []),
        category,
      ]);
      added(category);
      return client.invalidateQueries({ queryKey: keys.categories(projectId) });
    },
  });
}
