import { type AnnotationContent, contentOf } from "../editor/annotation";
import type { LoggedEdit } from "../editor/past";
import { answer, api } from "./client";
import { segmentationOf } from "./edits";

export interface HistoryPage {
  /** The newest first. */
  readonly items: readonly LoggedEdit[];
  /** The `before` of the next page; null at the end. */
  readonly next: number | null;
}

type WireContent = Omit<AnnotationContent, "segmentation"> & {
  readonly segmentation: Parameters<typeof segmentationOf>[0];
};

function content(wire: WireContent | null): AnnotationContent | null {
  return wire && contentOf({ ...wire, segmentation: segmentationOf(wire.segmentation) });
}

export async function fetchHistory(imageId: number, before: number | null): Promise<HistoryPage> {
  const { items, next } = await answer(
    api.GET("/api/images/{image_id}/history", {
      params: { path: { image_id: imageId }, query: before === null ? {} : { before } },
    }),
  );
  return {
    items: items.map(({ id, annotation_id, op, revision, user, created_at, ...item }) => ({
      id,
      annotation_id,
      op,
      revision,
      user: user?.name ?? null,
      at: created_at,
      before: content(item.before),
      after: content(item.after),
    })),
    next,
  };
}
