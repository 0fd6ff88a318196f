import type { Segmentation, ServerAnnotation } from "../editor/annotation";
import type { Edit } from "../editor/journal";
import type { SendOutcome, StaleAnnotation } from "../editor/sync";
import type { BboxXYWH } from "../geometry/boxes";
import { answer, api } from "./client";
import { ProblemError } from "./problems";
import type { components } from "./schema.gen";

type Schemas = components["schemas"];

function editBody(edit: Edit): Schemas["Edit"] {
  // The generated types know no `readonly`; the body is only read.
  return edit as unknown as Schemas["Edit"];
}

function bboxOf([x = 0, y = 0, width = 0, height = 0]: readonly number[]): BboxXYWH {
  return [x, y, width, height];
}

/** As openapi-fetch hands it out: it says "array" where the schema says how many. */
type WireSegmentation =
  | number[][][]
  | { readonly size: readonly number[]; readonly counts: string | number[] };
type WireAnnotation = Omit<Schemas["Annotation"], "bbox_xywh" | "segmentation"> & {
  readonly bbox_xywh: readonly number[];
  readonly segmentation: WireSegmentation;
};

export function segmentationOf(wire: WireSegmentation): Segmentation {
  if (Array.isArray(wire)) return wire;
  const [height = 0, width = 0] = wire.size;
  return { counts: wire.counts, size: [height, width] };
}

function serverAnnotation(wire: WireAnnotation): ServerAnnotation {
  const segmentation = segmentationOf(wire.segmentation);
  return { ...wire, segmentation, bbox_xywh: bboxOf(wire.bbox_xywh) };
}

function staleAnnotations(members: Readonly<Record<string, unknown>>): StaleAnnotation[] {
  const current = members.current as (Schemas["Annotation"] & { deleted?: true })[];
  return current.map((item) => ({
    id: item.id,
    revision: item.revision,
    annotation: item.deleted ? null : serverAnnotation(item),
  }));
}

function outcomeOf(error: unknown): SendOutcome {
  // What is not understood (a proxy's page, a broken answer) is no word of the server on the edits.
  if (!(error instanceof ProblemError)) return { kind: "unreachable" };
  const { status, slug, members } = error;
  if (status === 401) return { kind: "signed-out" };
  if (slug === "stale-revision" && Array.isArray(members.current)) {
    return { kind: "conflict", current: staleAnnotations(members) };
  }
  // Only a fault of the edit itself may end it. A role, a limit or a proxy may change: the edits wait in the journal.
  const detail = error.detail || error.title;
  if (status === 422 || slug === "edit-id-reused") {
    return { kind: "refused", detail, isCategoryGone: members.field === "category_id" };
  }
  if (status === 413) return { kind: "too-large", title: error.title, detail };
  return { kind: "unreachable", title: error.title, detail };
}

/** Send edits; what can go wrong is an outcome, not an exception. */
export async function sendEdits(imageId: number, edits: readonly Edit[]): Promise<SendOutcome> {
  try {
    const { results } = await answer(
      api.POST("/api/images/{image_id}/edits", {
        params: { path: { image_id: imageId } },
        body: { edits: edits.map(editBody) },
      }),
    );
    return {
      kind: "applied",
      results: results.map((result) => ({
        ...result,
        annotation: result.annotation && serverAnnotation(result.annotation),
      })),
    };
  } catch (error) {
    return outcomeOf(error);
  }
}

export async function fetchAnnotations(imageId: number): Promise<ServerAnnotation[]> {
  const { items } = await answer(
    api.GET("/api/images/{image_id}/annotations", { params: { path: { image_id: imageId } } }),
  );
  return items.map(serverAnnotation);
}

/** The revisions by which deleted annotations are brought back. */
export async function fetchDeleted(imageId: number): Promise<{ id: string; revision: number }[]> {
  const { items } = await answer(
    api.GET("/api/images/{image_id}/annotations/deleted", {
      params: { path: { image_id: imageId } },
    }),
  );
  return items;
}
