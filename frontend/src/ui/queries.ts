import {
  infiniteQueryOptions,
  queryOptions,
  useInfiniteQuery,
  useQuery,
} from "@tanstack/react-query";
import { answer, api, type ImageState, type Job } from "../api/client";

/** What images of a project are listed. */
export interface ImageFilter {
  readonly q?: string;
  readonly state?: ImageState;
}

const IMAGES_PER_PAGE = 60;

export const keys = {
  session: ["session"] as const,
  projects: ["projects"] as const,
  project: (id: number) => ["project", id] as const,
  categories: (projectId: number) => ["project", projectId, "categories"] as const,
  images: (projectId: number) => ["project", projectId, "images"] as const,
  image: (id: number) => ["image", id] as const,
  history: (imageId: number) => ["image", imageId, "history"] as const,
  formats: ["formats"] as const,
  engines: ["engines"] as const,
  job: (id: number) => ["job", id] as const,
  jobs: (projectId: number) => ["project", projectId, "jobs"] as const,
};

export const sessionOptions = queryOptions({
  queryKey: keys.session,
  queryFn: () => answer(api.GET("/api/session")),
  staleTime: Number.POSITIVE_INFINITY,
});

export function useSession() {
  return useQuery(sessionOptions);
}

export function useProjects() {
  return useInfiniteQuery({
    queryKey: keys.projects,
    queryFn: ({ pageParam }) =>
      answer(
        api.GET("/api/projects", {
          params: { query: { limit: 60, ...(pageParam === null ? {} : { after: pageParam }) } },
        }),
      ),
    initialPageParam: null as number | null,
    getNextPageParam: (page) => page.next,
  });
}

export function useProject(projectId: number) {
  return useQuery({
    queryKey: keys.project(projectId),
    queryFn: () =>
      answer(
        api.GET("/api/projects/{project_id}", { params: { path: { project_id: projectId } } }),
      ),
  });
}

export function useCategories(projectId: number) {
  return useQuery({
    queryKey: keys.categories(projectId),
    queryFn: async () => {
      const { items } = await answer(
        api.GET("/api/projects/{project_id}/categories", {
          params: { path: { project_id: projectId } },
        }),
      );
      return items;
    },
  });
}

function imagesOptions(projectId: number, filter: ImageFilter) {
  return infiniteQueryOptions({
    queryKey: [...keys.images(projectId), filter],
    queryFn: ({ pageParam }) =>
      answer(
        api.GET("/api/projects/{project_id}/images", {
          params: {
            path: { project_id: projectId },
            query: {
              limit: IMAGES_PER_PAGE,
              ...filter,
              ...(pageParam === null ? {} : { after: pageParam }),
            },
          },
        }),
      ),
    initialPageParam: null as number | null,
    getNextPageParam: (page) => page.next,
  });
}

export function useImages(projectId: number, filter: ImageFilter = {}) {
  return useInfiniteQuery(imagesOptions(projectId, filter));
}

export function imageOptions(imageId: number) {
  return queryOptions({
    queryKey: keys.image(imageId),
    queryFn: () =>
      answer(api.GET("/api/images/{image_id}", { params: { path: { image_id: imageId } } })),
  });
}

export function useFormats(isWanted: boolean) {
  return useQuery({
    queryKey: keys.formats,
    enabled: isWanted,
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: async () => (await answer(api.GET("/api/formats"))).items,
    select: (items) => [...items].sort((a, b) => a.title.localeCompare(b.title)),
  });
}

export function useEngines() {
  return useQuery({
    queryKey: keys.engines,
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: async () => (await answer(api.GET("/api/engines"))).items,
  });
}

/** A job, asked for again until it is over. */
export function useJob(jobId: number | null) {
  return useQuery({
    queryKey: keys.job(jobId ?? 0),
    enabled: jobId !== null,
    queryFn: () =>
      answer(api.GET("/api/jobs/{job_id}", { params: { path: { job_id: jobId ?? 0 } } })),
    refetchInterval: ({ state: { data } }) => (data && !isOver(data) ? 400 : false),
  });
}

/** The project's latest imports and exports, asked for again while one runs. */
export function useJobs(projectId: number) {
  return useQuery({
    queryKey: keys.jobs(projectId),
    queryFn: async () => {
      const { items } = await answer(
        api.GET("/api/projects/{project_id}/jobs", {
          params: { path: { project_id: projectId }, query: { kind: ["import", "export"] } },
        }),
      );
      return items;
    },
    refetchInterval: ({ state: { data } }) => (data?.every(isOver) === false ? 1_000 : false),
  });
}

export function isOver(job: Job): boolean {
  return job.state !== "queued" && job.state !== "running";
}
