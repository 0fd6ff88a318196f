import type { Session } from "../../api/client";
import { type OutlineStore, openOutlineStore } from "../../editor/outline-store";

const stores = new Map<string, Promise<OutlineStore>>();
const opened: OutlineStore[] = [];

/** Where outlines wait for the first category, apart for each server and user. */
export function outlinesOf({ instance, id }: Session): Promise<OutlineStore> {
  const name = `segmentarium-outlines-${instance}-${id}`;
  const known = stores.get(name);
  if (known) return known;
  const store = openOutlineStore(name);
  stores.set(name, store);
  void store.then((one) => opened.push(one));
  return store;
}

/** Whether outlines would be lost with the page. */
export function isAnyOutlineUnkept(): boolean {
  return opened.some(({ isAnyUnkept }) => isAnyUnkept);
}
