import type { Point } from "../geometry/points";
import { distance } from "../geometry/points";
import type { Segmentation } from "./annotation";
import { type Mark, type Prompt, pointsOf } from "./prompt";

/** Instead of an engine's name: the best one that can run and takes the prompt. */
export const AUTO = "auto";

export type OptionValues = Readonly<Record<string, number | boolean | string>>;

/** What the server says of an engine, as far as it matters for asking it. */
export interface EngineTraits {
  readonly name: string;
  readonly title: string;
  readonly prompts: readonly string[];
  readonly starts_from: readonly string[];
  readonly rank: number;
  readonly available: boolean;
}

/** A prompt as it goes to an engine. */
export interface Asked extends Prompt {
  readonly engine: string;
  readonly options: OptionValues;
  /** What is to be corrected. */
  readonly mask: Segmentation | null;
}

function kindsOf({ box, marks, mask }: Omit<Asked, "engine" | "options">): string[] {
  const kinds: string[] = [];
  if (box) kinds.push("bbox");
  if (marks.some(({ kind }) => kind === "point")) kinds.push("points");
  if (marks.some(({ kind }) => kind === "stroke")) kinds.push("strokes");
  if (mask) kinds.push("mask");
  return kinds;
}

export function takes(engine: EngineTraits, kinds: readonly string[]): boolean {
  return (
    kinds.every((kind) => engine.prompts.includes(kind)) &&
    kinds.some((kind) => engine.starts_from.includes(kind))
  );
}

/** The engine that the server would choose for what is given. */
export function bestEngine(
  engines: readonly EngineTraits[],
  kinds: readonly string[],
): EngineTraits | null {
  const fit = engines.filter(
    (engine) => engine.available && engine.rank >= 0 && takes(engine, kinds),
  );
  return fit.reduce<EngineTraits | null>(
    (best, engine) => (best && best.rank >= engine.rank ? best : engine),
    null,
  );
}

/** Points that stand for a stroke with an engine that takes no strokes. */
const MOST_DOTS = 8;

function dotted(mark: Mark): Mark[] {
  if (mark.kind === "point") return [mark];
  const points = pointsOf(mark);
  const length = points.reduce(
    (sum, point, i) => sum + (i ? distance(points[i - 1] as Point, point) : 0),
    0,
  );
  const apart = Math.max(length / (MOST_DOTS - 1), 2 * mark.radius, 1e-9);
  const dots: Point[] = [];
  let since = apart;
  points.forEach((point, i) => {
    since += i ? distance(points[i - 1] as Point, point) : 0;
    // A hair less, so that rounding does not lose the last one.
    if (since < apart * 0.999) return;
    dots.push(point);
    since = 0;
  });
  return dots.map((point) => ({ kind: "point", label: mark.label, point }));
}

/**
 * The prompt as it is best put to the chosen engine: with the mask of the present proposal where it takes one, strokes
 * as points where it takes no strokes. Where it takes no marks at all, `auto` finds one that corrects the mask.
 *
 * @param choice an engine's name, or `auto`
 * @param present what is shown now and is to be corrected; null when nothing is shown
 * @param isAnew ask the engine from the box on where it can: an option that was set, or another engine, changes nothing
 *   of a mask that is only corrected
 * @returns what no engine takes comes back as it is, for the server to say so
 */
export function ask(
  choice: string,
  prompt: Prompt,
  present: Segmentation | null,
  engines: readonly EngineTraits[],
  isAnew = false,
): Omit<Asked, "options"> {
  const marks = prompt.marks.flatMap(dotted);
  const correcting = prompt.marks.length > 0 ? present : null;
  for (const engine of choice === AUTO ? [AUTO] : [choice, AUTO]) {
    const isFromBox = isAnew && engine === choice && prompt.box !== null;
    const masks = correcting ? (isFromBox ? [null, correcting] : [correcting, null]) : [null];
    const ways = [prompt.marks, marks].flatMap((given) => masks.map((mask) => ({ given, mask })));
    for (const { given, mask } of ways) {
      const asked = { engine, box: prompt.box, marks: given, mask };
      const kinds = kindsOf(asked);
      const chosen = engines.find(({ name }) => name === engine);
      const isTaken =
        engine === AUTO ? bestEngine(engines, kinds) : chosen?.available && takes(chosen, kinds);
      if (isTaken) return asked;
    }
  }
  return { engine: choice, ...prompt, mask: correcting };
}

/**
 * The engine whose proposal is compared with the one shown.
 *
 * @param compareWith its name, or `auto` for the best of the others
 * @throws Error when there is none, or it does not take the prompt
 */
export function otherEngine(
  compareWith: string,
  shown: { readonly answer: { readonly engine: string }; readonly present: Segmentation | null },
  prompt: Prompt,
  engines: readonly EngineTraits[],
): string {
  const isTakenBy = (name: string) => ask(name, prompt, shown.present, engines).engine === name;
  if (compareWith !== AUTO && compareWith !== shown.answer.engine) {
    const title = engines.find(({ name }) => name === compareWith)?.title ?? compareWith;
    if (!isTakenBy(compareWith)) throw new Error(`${title} does not take such a prompt.`);
    return compareWith;
  }
  const [best] = engines
    .filter(({ name, available }) => available && name !== shown.answer.engine && isTakenBy(name))
    .sort((a, b) => b.rank - a.rank);
  if (!best) throw new Error("No other engine here takes such a prompt.");
  return best.name;
}
