import { AUTO, bestEngine, type EngineTraits } from "../../editor/asking";
import { FACTORS, OWN } from "../../editor/detail";
import type { Start } from "../../editor/prompt";
import { BRUSH, CHOICE, type EngineChoice, type ProposalSettings } from "../../editor/settings";
import { Signal } from "../../editor/signal";
import { isRecord, persisted } from "../shared/persisted";
import { changedOptions, type Engine, forgetUnfitting } from "./engineOptions";

const isChoice = (value: unknown): value is EngineChoice =>
  isRecord(value) && Object.keys(CHOICE).every((key) => typeof value[key] === "string");
const isFactor = (value: unknown): value is number => FACTORS.includes(value as number);
const isBrush = (value: unknown): value is number =>
  typeof value === "number" && value >= 1 && value <= 100;

/** What this browser remembers of how proposals are asked for. */
export const settings: ProposalSettings = {
  engines: new Signal<readonly EngineTraits[]>([]),
  choice: persisted("segmentarium.engines", CHOICE, isChoice),
  options: changedOptions,
  detail: persisted<number>("segmentarium.detail", OWN, isFactor),
  brush: persisted<number>("segmentarium.brush", BRUSH, isBrush),
};

/** The engines that the server has: what is set for others, or does not fit any more, is forgotten. */
export function learnEngines(engines: readonly Engine[]): void {
  settings.engines.set(engines);
  for (const engine of engines) forgetUnfitting(engine);
  const { bbox, points, compareWith } = settings.choice.get();
  const known = (name: string, start?: Start) => {
    const engine = engines.find((one) => one.name === name);
    return engine && (!start || engine.starts_from.includes(start)) ? name : AUTO;
  };
  const choice = {
    bbox: known(bbox, "bbox"),
    points: known(points, "points"),
    compareWith: known(compareWith),
  };
  if (JSON.stringify(choice) !== JSON.stringify(settings.choice.get())) settings.choice.set(choice);
}

export function chooseEngine(part: Partial<EngineChoice>): void {
  settings.choice.set({ ...settings.choice.get(), ...part });
}

/** What an engine is called in the interface. */
export function titleOf(engines: readonly EngineTraits[], name: string): string {
  if (name === AUTO) return "Auto";
  return engines.find((engine) => engine.name === name)?.title ?? name;
}

/** The engine that `auto` asks for a first prompt; null when none can run. */
export function autoEngine(engines: readonly EngineTraits[], start: Start): EngineTraits | null {
  return bestEngine(engines, [start]);
}
