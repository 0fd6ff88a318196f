import { PALETTE } from "../shared/palette";

export const DIGITS = ["1", "2", "3", "4", "5", "6", "7", "8", "9"];

/** The first colour of the palette that no category has; when all are taken, they begin again. */
export function freeColor(categories: readonly { color: string }[]): string {
  const taken = new Set(categories.map(({ color }) => color));
  const again = PALETTE[categories.length % PALETTE.length] ?? PALETTE[0];
  return PALETTE.find((color) => !taken.has(color)) ?? again;
}

export function freeHotkey(categories: readonly { hotkey: string | null }[]): string | null {
  const taken = new Set(categories.map(({ hotkey }) => hotkey));
  return DIGITS.find((digit) => !taken.has(digit)) ?? null;
}
