import { AUTO, type EngineTraits, type OptionValues } from "./asking";
import { OWN } from "./detail";
import { Signal } from "./signal";

/** Which engines are asked: for prompts that start from a box, from points, and to compare with. */
export interface EngineChoice {
  readonly bbox: string;
  readonly points: string;
  readonly compareWith: string;
}

/** How proposals are asked for: set by the user, kept from image to image. */
export interface ProposalSettings {
  readonly engines: Signal<readonly EngineTraits[]>;
  readonly choice: Signal<EngineChoice>;
  /** Options that differ from the defaults, by engine. */
  readonly options: Signal<Readonly<Record<string, OptionValues>>>;
  readonly detail: Signal<number>;
  /** Half the width of a stroke, in pixels of the screen. */
  readonly brush: Signal<number>;
}

export const CHOICE: EngineChoice = { bbox: AUTO, points: AUTO, compareWith: AUTO };
export const BRUSH = 8;
const THINNEST = 2;
const WIDEST = 64;

export function proposalSettings(): ProposalSettings {
  return {
    engines: new Signal<readonly EngineTraits[]>([]),
    choice: new Signal(CHOICE),
    options: new Signal<Readonly<Record<string, OptionValues>>>({}),
    detail: new Signal(OWN),
    brush: new Signal(BRUSH),
  };
}

/** A brush one step wider (1) or thinner (-1): by a quarter, and at least by a pixel. */
export function resized(brush: number, step: 1 | -1): number {
  const next = step === 1 ? Math.ceil(brush * 1.25) : Math.floor(brush / 1.25);
  return Math.min(Math.max(next, THINNEST), WIDEST);
}
