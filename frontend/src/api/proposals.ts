import type { Segmentation } from "../editor/annotation";
import type { Asked } from "../editor/asking";
import type { Proposal, Simplified } from "../editor/proposal";
import { toXYWH } from "../geometry/boxes";
import type { RLE } from "../geometry/rle";
import { answer, api } from "./client";
import { retriedOnce } from "./retry";
import type { components } from "./schema.gen";

type Schemas = components["schemas"];

type MaskBody = NonNullable<Schemas["Prompt"]["mask"]>;

function maskBody(mask: Segmentation): MaskBody {
  // The generated types know no `readonly`; the body is only read.
  return mask as unknown as MaskBody;
}

/** A prompt as it travels; what is not given is left out. */
export function promptBody({ box, marks, mask }: Asked): Schemas["Prompt"] {
  const body: Schemas["Prompt"] = {};
  if (box) {
    const [x, y, width, height] = toXYWH(box);
    body.bbox_xywh = [x, y, width, height];
  }
  const points = marks.filter((mark) => mark.kind === "point");
  if (points.length > 0) {
    body.point_coords = points.map(({ point: [x, y] }) => [x, y]);
    body.point_labels = points.map(({ label }) => label);
  }
  const strokes = marks.filter((mark) => mark.kind === "stroke");
  if (strokes.length > 0) {
    body.strokes = strokes.map(({ label, points, radius }) => ({
      label,
      points: points.map(([x, y]) => [x, y]),
      radius_px: radius,
    }));
  }
  if (mask) body.mask = maskBody(mask);
  return body;
}

/** Ask an engine; when it is busy, once more after the time that the server names. */
export async function requestProposal(
  imageId: number,
  asked: Asked,
  signal: AbortSignal,
): Promise<Proposal> {
  const body = { engine: asked.engine, prompt: promptBody(asked), options: asked.options };
  const proposal = await retriedOnce(
    () =>
      answer(
        api.POST("/api/images/{image_id}/auto-annotate", {
          params: { path: { image_id: imageId } },
          body,
          signal,
        }),
      ),
    signal,
  );
  const { segmentation, rle, simplification, engine, score, elapsed_ms, fallback } = proposal;
  const [height = 0, width = 0] = rle.size;
  return {
    polygons: segmentation,
    rle: { counts: rle.counts, size: [height, width] },
    simplification,
    engine,
    score,
    elapsed_ms,
    fallback,
  };
}

export async function requestSimplifications(
  imageId: number,
  rle: RLE,
  tolerances_px: readonly number[],
): Promise<Simplified[]> {
  const segmentation = maskBody(rle);
  const { items } = await answer(
    api.POST("/api/images/{image_id}/simplifications", {
      params: { path: { image_id: imageId } },
      body: { segmentation, tolerances_px: [...tolerances_px] },
    }),
  );
  return items.map(({ segmentation: polygons, ...simplification }) => ({
    ...simplification,
    polygons,
  }));
}
