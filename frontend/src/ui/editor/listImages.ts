import { answer, api, type Image } from "../../api/client";

/**
 * Images of a project with ids over `after`. To look at a single image tells the server that it is opened; to list it
 * does not.
 */
export async function listImages(
  projectId: number,
  after: number,
  limit: number,
): Promise<Image[]> {
  const { items } = await answer(
    api.GET("/api/projects/{project_id}/images", {
      params: { path: { project_id: projectId }, query: { after, limit } },
    }),
  );
  return items;
}
