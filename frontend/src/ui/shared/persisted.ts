import { Signal } from "../../editor/signal";

/**
 * A value that this browser remembers. Where it stores nothing, it holds until the page is closed.
 *
 * @param isFitting whether what was stored, perhaps by another version, can still be used
 */
export function persisted<T>(
  key: string,
  fallback: T,
  isFitting: (value: unknown) => value is T,
): Signal<T> {
  const signal = new Signal(stored(key, fallback, isFitting));
  signal.subscribe((value) => {
    try {
      localStorage.setItem(key, JSON.stringify(value));
    } catch {
      // Full, or forbidden.
    }
  });
  return signal;
}

function stored<T>(key: string, fallback: T, isFitting: (value: unknown) => value is T): T {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(key) ?? "null");
    return isFitting(value) ? value : fallback;
  } catch {
    return fallback;
  }
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
