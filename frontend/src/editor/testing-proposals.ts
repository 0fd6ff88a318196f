import type { BoxXYXY } from "../geometry/boxes";
import type { Asked, EngineTraits } from "./asking";
import type { Mark } from "./prompt";
import { type Proposal, shownOf } from "./proposal";
import { Proposals } from "./proposals";
import { proposalSettings } from "./settings";
import { PROPOSAL, square } from "./testing";

export const BOX: BoxXYXY = [1, 2, 30, 40];
export const INSIDE: Mark = { kind: "point", label: 1, point: [12, 13] };
export const OUTSIDE: Mark = { kind: "point", label: 0, point: [14, 15] };
export const CUT: EngineTraits = {
  name: "cut",
  title: "Cut",
  prompts: ["bbox", "points", "strokes", "mask"],
  starts_from: ["bbox"],
  rank: 10,
  available: true,
};
const CLUSTERS: EngineTraits = { ...CUT, name: "clusters", title: "Clusters", rank: -1 };

interface Call {
  readonly asked: Asked;
  readonly signal: AbortSignal;
  readonly answer: (proposal?: Partial<Proposal>) => Promise<void>;
  readonly fail: (error: unknown) => Promise<void>;
}

/** Proposals whose engine answers when the test says so; a simplification by a tolerance of t has a side of 20 + t. */
export function made() {
  const calls: Call[] = [];
  const failures: unknown[][] = [];
  const simplified: (readonly number[])[] = [];
  const settings = proposalSettings();
  settings.engines.set([CUT, CLUSTERS]);
  // What waits for an answer goes on before the test does.
  const rest = () => new Promise<void>((resolve) => setTimeout(resolve));
  let clock = 0;
  const under = new Proposals({
    propose: (asked, signal) =>
      new Promise((resolve, reject) => {
        calls.push({
          asked,
          signal,
          answer: (part) => {
            resolve({ ...PROPOSAL, ...part });
            return rest();
          },
          fail: (error) => {
            reject(error);
            return rest();
          },
        });
      }),
    simplify: async (_, tolerances) => {
      simplified.push(tolerances);
      return tolerances.map((tolerance_px) => ({
        tolerance_px,
        iou: 1 / (1 + tolerance_px),
        vertices: 4,
        polygons: square(10, 10, 20 + tolerance_px),
      }));
    },
    failed: (...failure) => failures.push(failure),
    settings,
    now: () => ++clock,
  });
  const ready = async (part: Partial<Proposal> = {}) => {
    void under.request(BOX);
    await calls.at(-1)?.answer(part);
    return under;
  };
  const shown = () => shownOf(under.state.get())?.shown;
  return { under, calls, failures, settings, simplified, ready, shown, rest };
}
