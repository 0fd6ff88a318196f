import type { RLE } from "../geometry/rle";
import type { Segmentation } from "./annotation";
import type { Proposal, Simplified } from "./proposal";

/**
 * How much detail of the engine's mask is kept: the tolerance as a multiple of the proposal's own. Not in pixels: what
 * is fine on a coin is coarse on a blood cell, and an engine works coarsely on what is large.
 */
export const OWN = 1;
/** The engine's mask itself, pixel by pixel. */
export const EXACT = 0;
export const FACTORS: readonly number[] = [
  EXACT,
  0.25,
  0.35,
  0.5,
  0.7,
  OWN,
  1.4,
  2,
  2.8,
  4,
  5.6,
  8,
  11,
  16,
];

/** A proposal in some detail, and what that costs. */
export interface Detail {
  readonly factor: number;
  readonly tolerance_px: number;
  /** With the engine's mask. */
  readonly iou: number;
  readonly segmentation: Segmentation;
}

export type Simplify = (rle: RLE, tolerances_px: readonly number[]) => Promise<Simplified[]>;

/** The proposal as it came. */
export function ownDetail({ polygons, simplification }: Proposal): Detail {
  const { tolerance_px, iou } = simplification;
  return { factor: OWN, tolerance_px, iou, segmentation: polygons };
}

/** The details of proposals: what the server has simplified once is at hand for every place of the slider. */
export class Details {
  private readonly known = new WeakMap<Proposal, Promise<readonly Simplified[]>>();

  constructor(private readonly simplify: Simplify) {}

  async of(proposal: Proposal, factor: number): Promise<Detail> {
    if (factor === OWN) return ownDetail(proposal);
    if (factor === EXACT) return { factor, tolerance_px: 0, iou: 1, segmentation: proposal.rle };
    const steps = FACTORS.filter((step) => step !== EXACT);
    const own = proposal.simplification.tolerance_px;
    const asked =
      this.known.get(proposal) ??
      this.simplify(
        proposal.rle,
        steps.map((step) => step * own),
      );
    this.known.set(proposal, asked);
    asked.catch(() => this.known.delete(proposal));
    const found = (await asked)[steps.indexOf(factor)];
    if (!found) return ownDetail(proposal);
    return { ...found, factor, segmentation: found.polygons };
  }
}
