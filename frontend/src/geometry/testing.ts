import type { Mask } from "./mask";
import type { Size } from "./points";

// For the tests: what is random, but the same in every run.

/** Numbers from 0 to 1. Source: mulberry32 by Tommy Ettinger, in the public domain. */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A mask in which each pixel is inside with the probability. */
export function noise({ width, height }: Size, probability: number, random: () => number): Mask {
  const pixels = Uint8Array.from({ length: width * height }, () => Number(random() < probability));
  return { width, height, pixels };
}

/** A mask of rows in which # is inside. */
export function maskOfRows(rows: readonly string[]): Mask {
  const pixels = Uint8Array.from(rows.join(""), (character) => Number(character === "#"));
  return { width: rows[0]?.length ?? 0, height: rows.length, pixels };
}

export function rowsOfMask({ width, height, pixels }: Mask): string[] {
  return Array.from({ length: height }, (_, y) =>
    Array.from(pixels.subarray(y * width, (y + 1) * width), (pixel) => ".#"[pixel]).join(""),
  );
}
