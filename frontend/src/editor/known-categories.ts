import type { Category } from "./annotation";
import type { Editor } from "./editor";

export const NONE_IN_HAND = "Pick the category to draw next, or you are asked when you have drawn.";

/**
 * The project's categories, listed anew. Where the one to draw with is gone, none takes its place: what is drawn would be
 * of a category that nobody chose.
 */
export function takeCategories(editor: Editor, categories: readonly Category[]): void {
  const active = editor.activeCategory.get();
  const name = active === null ? null : editor.categoryOf(active)?.name;
  editor.categories.set(categories);
  if (active === null || editor.categoryOf(active)) return;
  editor.activeCategory.set(null);
  editor.notify({
    kind: "info",
    title: name ? `The category “${name}” was deleted elsewhere` : "The category was deleted",
    detail: NONE_IN_HAND,
  });
}

/** What was last drawn with, by project. */
export class LastCategories {
  private readonly ids = new Map<number, number>();

  /** Where none is in hand any more, the one before is still known to be gone. */
  note(projectId: number, id: number | null): void {
    if (id !== null) this.ids.set(projectId, id);
  }

  /** The category to draw with: the last one; null where that is gone; the first one where there was none yet. */
  of(projectId: number, categories: readonly Category[]): number | null {
    const last = this.ids.get(projectId);
    if (last === undefined) return categories[0]?.id ?? null;
    return categories.some(({ id }) => id === last) ? last : null;
  }
}
