import { type Annotation, boxOf, contentOf } from "./annotation";
import type { Editor } from "./editor";
import type { Change } from "./store";

/** Where an annotation goes among the others. */
export type Move = "raise" | "lower" | "to-front" | "to-back";

export const MOVES: Readonly<Record<Move, string>> = {
  raise: "Raise annotation",
  lower: "Lower annotation",
  "to-front": "Bring annotation to the front",
  "to-back": "Send annotation to the back",
};

function changeOf(annotation: Annotation, z_order: number): Change {
  const before = contentOf(annotation);
  return { id: annotation.id, before, after: { ...before, z_order } };
}

function meets(a: Annotation, b: Annotation): boolean {
  const [ax0, ay0, ax1, ay1] = boxOf(a);
  const [bx0, by0, bx1, by1] = boxOf(b);
  return ax0 < bx1 && bx0 < ax1 && ay0 < by1 && by0 < ay1;
}

/**
 * The changes that take an annotation past the next one that it overlaps, or to an end; none where it is there.
 *
 * @param all lowest z-order first
 */
export function reordered(all: readonly Annotation[], id: string, move: Move): readonly Change[] {
  const from = all.findIndex((one) => one.id === id);
  const own = all[from];
  if (!own) return [];
  const isUp = move === "raise" || move === "to-front";
  const beyond = isUp ? all.slice(from + 1) : all.slice(0, from).reverse();
  const last = beyond.at(-1);
  if (!last) return [];
  if (move === "to-front") return [changeOf(own, last.z_order + 1)];
  if (move === "to-back") return [changeOf(own, last.z_order - 1)];
  const steps = beyond.findIndex((one) => meets(one, own)) + 1;
  if (steps === 0) return [];
  const passed = beyond.slice(0, steps);
  return (
    takenPlaces(passed, own) ?? spread([...passed, own, ...beyond.slice(steps)], isUp ? 1 : -1)
  );
}

/** Each one that is passed takes the place of the one before it; null where several share a place. */
function takenPlaces(passed: readonly Annotation[], own: Annotation): Change[] | null {
  const places = [own, ...passed].map((one) => one.z_order);
  if (new Set(places).size < places.length) return null;
  return [...passed, own].map((one, i) => changeOf(one, places[i] as number));
}

/** New places in that order, upwards or downwards, for as many as need one. */
function spread(order: readonly Annotation[], way: 1 | -1): Change[] {
  const changes: Change[] = [];
  let before: { readonly z: number; readonly id: string } | null = null;
  for (const one of order) {
    const isAfter =
      before === null ||
      (one.z_order - before.z) * way > 0 ||
      (one.z_order === before.z && (one.id > before.id ? 1 : -1) === way);
    const z: number = isAfter || before === null ? one.z_order : before.z + way;
    if (!isAfter) changes.push(changeOf(one, z));
    before = { z, id: one.id };
  }
  return changes;
}

/** @returns whether there was anything to pass */
export function reorder(editor: Editor, move: Move): boolean {
  const id = editor.selection.get();
  const changes = id === null ? [] : reordered(editor.annotations.all(), id, move);
  return changes.length > 0 && editor.commit(MOVES[move], changes);
}
