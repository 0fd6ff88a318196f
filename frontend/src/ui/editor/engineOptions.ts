import type { components } from "../../api/schema.gen";
import type { OptionValues } from "../../editor/asking";
import { isRecord, persisted } from "../shared/persisted";

export type Engine = components["schemas"]["Engine"];
export type EngineOption = components["schemas"]["EngineOption"];
export type OptionValue = EngineOption["default"];

const areOptions = (value: unknown): value is Readonly<Record<string, OptionValues>> =>
  isRecord(value) && Object.values(value).every(isRecord);

/** Options that differ from the defaults, by engine and name: the server puts in the defaults. */
export const changedOptions = persisted("segmentarium.engine-options", {}, areOptions);

function setOptions(engine: string, values: OptionValues): void {
  changedOptions.set({ ...changedOptions.get(), [engine]: values });
}

export function currentOptions(engine: string): OptionValues {
  return changedOptions.get()[engine] ?? {};
}

export function setOption(engine: string, option: EngineOption, value: OptionValue): void {
  const { [option.name]: _, ...others } = currentOptions(engine);
  setOptions(engine, value === option.default ? others : { ...others, [option.name]: value });
}

export function resetOptions(engine: string): void {
  setOptions(engine, {});
}

export function isFitting(option: EngineOption, value: unknown): boolean {
  const { type, choices, minimum, maximum } = option;
  if (type === "boolean") return typeof value === "boolean";
  if (type === "choice") return typeof value === "string" && (choices ?? []).includes(value);
  return (
    typeof value === "number" &&
    (type === "integer" ? Number.isInteger(value) : Number.isFinite(value)) &&
    value >= (minimum ?? Number.NEGATIVE_INFINITY) &&
    value <= (maximum ?? Number.POSITIVE_INFINITY)
  );
}

/** Forget what the engine takes no more: a newer server may have other options, and would refuse each prompt. */
export function forgetUnfitting({ name, options }: Engine): void {
  const current = currentOptions(name);
  const fitting = Object.entries(current).filter(([key, value]) =>
    options.some((option) => option.name === key && isFitting(option, value)),
  );
  if (fitting.length < Object.keys(current).length) setOptions(name, Object.fromEntries(fitting));
}

/** A step of a slider: whole numbers, or about a hundredth of the range, written with one digit. */
export function stepOf({ type, minimum, maximum }: EngineOption): number {
  if (type === "integer") return 1;
  return 10 ** Math.floor(Math.log10(((maximum ?? 1) - (minimum ?? 0)) / 50));
}
