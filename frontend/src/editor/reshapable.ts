import { type Annotation, boxOf, isPolygons } from "./annotation";
import { Begun } from "./begun";
import type { Editor } from "./editor";
import type { Outlined, Reshapable } from "./reshape";

/** Visible annotations of polygons whose box meets that of the annotation, and which are not locked. */
export function neighboursOf(editor: Editor, annotation: Annotation): Outlined[] {
  const hidden = editor.hidden.get();
  const locked = editor.visibility.locked.get();
  return editor.annotations.touching(boxOf(annotation)).flatMap(({ id, segmentation }) => {
    if (id === annotation.id || hidden.has(id) || locked.has(id)) return [];
    return isPolygons(segmentation) ? [{ id, polygons: segmentation }] : [];
  });
}

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
      neighbours: () => [],
      preview: (polygons) => proposals.show(polygons),
      restore: () => proposals.show(segmentation),
      commit: (_, polygons) => proposals.change(polygons),
    };
  }
  const selected = editor.selected();
  // Handles instead of vertices.
  if (editor.transform.get()) return null;
  if (!selected || !isPolygons(selected.segmentation)) return null;
  if (editor.visibility.locked.get().has(selected.id)) return null;
  if (editor.hidden.get().has(selected.id) || editor.isReadOnly) return null;
  const begun = new Begun(editor, selected);
  let beside: ReadonlyMap<string, Begun> = new Map();
  return {
    polygons: selected.segmentation,
    neighbours: () => {
      const all = neighboursOf(editor, selected);
      beside = new Map(
        all.flatMap(({ id }) => {
          const one = editor.annotations.get(id);
          return one ? [[id, new Begun(editor, one)]] : [];
        }),
      );
      return all;
    },
    preview: (polygons, also) => draft.set({ kind: "change", id: selected.id, polygons, also }),
    restore: () => draft.set(null),
    commit: (name, segmentation, also) => {
      const moved = also.flatMap(({ id, polygons }) => beside.get(id)?.changes(polygons) ?? []);
      begun.commit(name, segmentation, moved);
    },
  };
}
