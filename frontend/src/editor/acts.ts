import type { Point } from "../geometry/points";
import type { Editor } from "./editor";
import { commitMoved, movedBy, selectedAnnotations } from "./moving";
import type { Label } from "./prompt";
import { shownOf } from "./proposal";
import { acceptProposal } from "./proposal-end";
import { reshapable } from "./reshapable";
import { withoutVertex } from "./reshape";
import { resized } from "./settings";
import { applySimpler } from "./simplifying";
import { endTransform } from "./transforming";

// What keys and buttons mean, which depends on what the user is at.

/** Delete the vertex under the pointer, else take back a proposal's last mark, else delete what is selected. */
export function removeHotOrSelected(editor: Editor): void {
  const target = reshapable(editor);
  const hot = editor.hotVertex.get();
  if (target && hot?.kind === "vertex") {
    const less = withoutVertex(target.polygons, hot.address);
    editor.hotVertex.set(null);
    if (less !== target.polygons) target.commit("Remove vertex", less, []);
    return;
  }
  if (shownOf(editor.proposals.state.get()) || editor.marking.mode.get() !== null) {
    void editor.proposals.undo();
  } else removeSelected(editor);
}

/** Select an annotation of a list. What that drops comes back by undo; what was dropped before is left behind. */
export function selectListed(editor: Editor, id: string): void {
  editor.dropped.forget();
  editor.setTool("select");
  editor.select(id);
}

/** Move what is selected, as far as the image reaches; false when nothing is. */
export function nudge(editor: Editor, step: Point): boolean {
  const moved = movedBy(editor, step);
  if (moved) commitMoved(editor, moved);
  return moved !== null;
}

/** A category was picked: of what is selected when selecting, else of what waits for one, and is drawn next. */
export function pickCategory(editor: Editor, id: number): void {
  editor.recentCategories.note(id);
  const selected = editor.tool.get().id === "select" ? selectedAnnotations(editor) : [];
  if (selected.length === 0) {
    const [asked] = editor.waiting.first;
    if (asked && !asked.refused) editor.waiting.give(id);
    else editor.activeCategory.set(id);
  }
  const others = selected.filter(({ category_id }) => category_id !== id);
  if (others.length === 0) return;
  editor.commit(
    others.length > 1 ? `Change category of ${others.length} annotations` : "Change category",
    others.map((one) => editor.changeOf(one, { category_id: id })),
  );
}

/** The next clicks and drags say what is inside, or outside; the same again ends it. */
export function toggleMarking(editor: Editor, label: Label): void {
  const { startsFrom } = editor.tool.get();
  if (!startsFrom || (startsFrom === "bbox" && !editor.proposals.state.get())) return;
  editor.hotVertex.set(null);
  editor.marking.toggle(label, editor.viewport.pointer.get());
}

/** A brush one step wider or narrower: that of the tool in hand, else that of strokes which mark. */
export function resizeBrush(editor: Editor, step: 1 | -1): void {
  const { resize } = editor.tool.get();
  if (resize) resize(editor, step);
  else editor.settings.brush.set(resized(editor.settings.brush.get(), step));
}

/** Enter: take the proposal, or be done with the annotation that is worked on. */
export function finish(editor: Editor): void {
  if (applySimpler(editor) || endTransform(editor)) return;
  if (editor.proposals.state.get()) acceptProposal(editor);
  else if (editor.tool.get().keepsSelection) editor.select(null);
}

/** Delete all that is selected, in one step. */
function removeSelected(editor: Editor): void {
  const all = selectedAnnotations(editor);
  if (all.length === 0) return;
  const name = all.length > 1 ? `Delete ${all.length} annotations` : "Delete annotation";
  editor.commit(
    name,
    all.map((one) => editor.changeOf(one, null)),
  );
}
