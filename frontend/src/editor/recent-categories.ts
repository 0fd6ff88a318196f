import { pickCategory } from "./acts";
import type { Editor } from "./editor";

/** The categories used last, the latest first; kept from image to image. */
export class RecentCategories {
  private ids: readonly number[] = [];

  note(id: number): void {
    if (this.ids[0] !== id) this.ids = [id, ...this.ids.filter((other) => other !== id)];
  }

  /** The one used last, other than this one, of those that there are. */
  lastBut(id: number | null, existing: readonly number[]): number | null {
    return this.ids.find((other) => other !== id && existing.includes(other)) ?? null;
  }
}

/** Pick the category used last once more: for the selected annotation, or in turn with the one in hand. */
export function repeatCategory(editor: Editor): void {
  const selected = editor.tool.get().id === "select" ? editor.selected() : null;
  const current = selected?.category_id ?? editor.activeCategory.get();
  const existing = editor.categories.get().map(({ id }) => id);
  const last = editor.recentCategories.lastBut(current, existing);
  if (last !== null) pickCategory(editor, last);
}
