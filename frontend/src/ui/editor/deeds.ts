import type { Category } from "../../editor/annotation";
import type { Deed, LoggedEdit } from "../../editor/past";
import { isSameContent } from "../../editor/same-content";

/** What a deed is called, and the colour of the category it is about. */
export interface Told {
  readonly title: string;
  readonly note: string;
  readonly color: string | null;
}

type Kind = "drawn" | "brought back" | "deleted" | "given a category" | "reshaped" | "reordered";

function kindOf({ op, revision, before, after }: LoggedEdit): Kind {
  if (op === "delete" || !after) return "deleted";
  if (op === "create" || !before) return revision > 1 ? "brought back" : "drawn";
  if (before.category_id !== after.category_id) return "given a category";
  const isShapeKept = isSameContent({ ...before, z_order: after.z_order }, after);
  return isShapeKept && before.z_order !== after.z_order ? "reordered" : "reshaped";
}

const VERBS: Readonly<Record<Kind, string>> = {
  drawn: "Drew",
  "brought back": "Brought back",
  deleted: "Deleted",
  "given a category": "Made it",
  reshaped: "Reshaped",
  reordered: "Reordered",
};

/** A deed in a few words: "Drew cup", "cup → spoon", "4 drawn, 1 deleted". */
export function tell(
  { edits }: Deed,
  categories: readonly Category[],
  engineTitle: (name: string) => string,
): Told {
  const category = (id: number | undefined) => categories.find((one) => one.id === id);
  const nameOf = (id: number | undefined) => category(id)?.name ?? "a category that is gone";
  const [first] = edits;
  if (!first) return { title: "", note: "", color: null };
  const kind = kindOf(first);
  const id = (first.after ?? first.before)?.category_id;
  const color = category(id)?.color ?? null;
  if (edits.length === 1) {
    const title =
      kind === "given a category"
        ? `${nameOf(first.before?.category_id)} → ${nameOf(id)}`
        : `${VERBS[kind]} ${nameOf(id)}`;
    const source = first.after?.source ?? "manual";
    const note = kind === "drawn" && source !== "manual" ? engineTitle(source) : "";
    return { title, note, color };
  }
  const counts = new Map<Kind, number>();
  for (const edit of edits) counts.set(kindOf(edit), (counts.get(kindOf(edit)) ?? 0) + 1);
  const parts = [...counts].map(([one, count]) => `${count} ${one}`);
  const isOne = edits.every(({ before, after }) => (after ?? before)?.category_id === id);
  return { title: parts.join(", "), note: isOne ? nameOf(id) : "", color: isOne ? color : null };
}
