import type { Session } from "../../api/client";
import { openStepStore, type StepStore } from "../../editor/step-store";

const stores = new Map<string, Promise<StepStore | null>>();

/** Where steps are kept for undo at the next visit, apart for each server and user; null where nothing can be. */
export function stepsOf({ instance, id }: Session): Promise<StepStore | null> {
  const name = `segmentarium-steps-${instance}-${id}`;
  const store = stores.get(name) ?? openStepStore(name).catch(() => null);
  stores.set(name, store);
  return store;
}
