import { ProblemError } from "./problems";

/** Longer than this nobody looks on. */
const LONGEST_WAIT_S = 30;

/** How long the server asks to wait; null when it does not, or for too long. */
function waitOf(error: unknown): number | null {
  if (!(error instanceof ProblemError) || error.status !== 503) return null;
  const { retry_after_s } = error.members;
  return typeof retry_after_s === "number" && retry_after_s <= LONGEST_WAIT_S
    ? retry_after_s
    : null;
}

/** Would the same request work in a while? */
export function isPassing(error: unknown): boolean {
  return error instanceof ProblemError && error.slug === "engine-busy";
}

/** Call, and once more when the server was too busy and named a time, unless the answer is no longer wanted by then. */
export async function retriedOnce<T>(call: () => Promise<T>, signal: AbortSignal): Promise<T> {
  try {
    return await call();
  } catch (error) {
    const seconds = waitOf(error);
    if (seconds === null || signal.aborted) throw error;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, seconds * 1000);
      signal.addEventListener("abort", () => {
        clearTimeout(timer);
        resolve();
      });
    });
    signal.throwIfAborted();
    return call();
  }
}
