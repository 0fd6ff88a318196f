import { isPolygons } from "./annotation";
import type { Editor } from "./editor";
import type { Reshapable } from "./reshape";

/** What vertices can be worked on now: a proposal's before an annotation's. */
export function reshapable(editor: Editor): Reshapable | null {
  const { proposals, draft } = editor;
  const proposal = proposals.state.get();
  if (proposal) {
    // What clicks and drags mark, or an engine is about to replace, has no vertices to drag.
    if (proposal.kind === "running" || editor.marking.mode.get() !== null) return null;
    const { segmentation } = proposal.shown;
    if (!isPolygons(segmentation) || editor.tool.get().startsFrom === "points") return null;
    return {
      polygons: segmentation,
      preview: (polygons) => proposals.show(polygons),
      restore: () => proposals.show(segmentation),
      commit: (_, polygons) => proposals.change(polygons),
    };
  }
  const selected = editor.selected();
  if (!selected || !isPolygons(selected.segmentation)) return null;
  if (editor.visibility.locked.get().has(selected.id)) return null;
  if (editor.hidden.get().has(selected.id) || editor.isReadOnly) return null;
  return {
    polygons: selected.segmentation,
    preview: (polygons) => draft.set({ kind: "change", id: selected.id, polygons }),
    restore: () => draft.set(null),
    commit: (name, segmentation) => editor.change(selected.id, name, { segmentation }),
  };
}
