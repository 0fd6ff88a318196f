import { toMask, toPolygons } from "./combine";
import type { Command } from "./commands";
import { combineSelected, toggleCombining } from "./drawing";
import type { Editor } from "./editor";
import { MOVES, type Move, reorder } from "./ordering";
import { dropSimpler, showSimpler } from "./simplifying";
import { insertAfterPicked, pickVertex } from "./vertex-keys";

function moving(move: Move, key: string): Command {
  return {
    id: move,
    title: MOVES[move],
    group: "Annotations",
    keys: [key],
    run: (editor) => void reorder(editor, move),
  };
}

/** Change how the selected annotations are kept, and not a pixel of them. */
function convert(editor: Editor, kind: "polygons" | "mask"): void {
  const all = [editor.selected() ?? [], editor.alsoSelected()].flat();
  const changes = all.flatMap((one) => {
    const segmentation =
      kind === "mask" ? toMask(one.segmentation, editor.image) : toPolygons(one.segmentation);
    return segmentation === one.segmentation ? [] : [editor.changeOf(one, { segmentation })];
  });
  if (changes.length > 0) editor.commit(kind === "mask" ? "To mask" : "To polygons", changes);
}

/** What works on the selected annotations, and how shapes are drawn. */
export const DRAWING_COMMANDS: readonly Command[] = [
  {
    id: "add-to-selected",
    title: "Draw more of the selected annotation, on and off",
    group: "Annotations",
    keys: ["Shift+E"],
    run: (editor) => toggleCombining(editor, "add"),
  },
  {
    id: "cut-from-selected",
    title: "Cut holes into the selected annotation, on and off",
    group: "Annotations",
    keys: ["Shift+R"],
    run: (editor) => toggleCombining(editor, "cut"),
  },
  {
    id: "unite",
    title: "Unite the selected annotations",
    group: "Annotations",
    keys: ["Shift+U"],
    run: (editor) => combineSelected(editor, "union"),
  },
  {
    id: "subtract",
    title: "Take the other selected annotations from the first one",
    group: "Annotations",
    keys: ["Shift+X"],
    run: (editor) => combineSelected(editor, "difference"),
  },
  {
    id: "intersect",
    title: "Keep of the first selected annotation what is in all",
    group: "Annotations",
    keys: ["Shift+N"],
    run: (editor) => combineSelected(editor, "intersection"),
  },
  moving("raise", "Mod+]"),
  moving("lower", "Mod+["),
  moving("to-front", "Home"),
  moving("to-back", "End"),
  {
    id: "to-polygons",
    title: "Mask to polygons along its pixels: none changes",
    group: "Annotations",
    keys: ["Shift+P"],
    run: (editor) => convert(editor, "polygons"),
  },
  {
    id: "to-mask",
    title: "Polygons to a mask: no pixel changes",
    group: "Annotations",
    keys: ["Shift+M"],
    run: (editor) => convert(editor, "mask"),
  },
  {
    id: "next-vertex",
    title: "Pick the next vertex of the selected annotation",
    group: "Annotations",
    keys: ["Mod+ArrowRight"],
    run: (editor) => pickVertex(editor, 1),
  },
  {
    id: "previous-vertex",
    title: "Pick the vertex before",
    group: "Annotations",
    keys: ["Mod+ArrowLeft"],
    run: (editor) => pickVertex(editor, -1),
  },
  {
    id: "insert-vertex",
    title: "Put a vertex after the picked one",
    group: "Annotations",
    keys: ["Insert"],
    run: insertAfterPicked,
  },
  {
    id: "simplify",
    title: "Fewer vertices for the selected annotation",
    group: "Annotations",
    keys: ["Y"],
    run: (editor) => {
      if (!dropSimpler(editor)) showSimpler(editor, 1);
    },
  },
  {
    id: "underneath",
    title: "Draw underneath: only pixels that no annotation has, on and off",
    group: "Annotations",
    keys: ["U"],
    run: ({ drawing }) => drawing.isUnderneath.set(!drawing.isUnderneath.get()),
  },
  {
    id: "pen-pressure",
    title: "Brush as wide as the pen presses, on and off",
    group: "Annotations",
    keys: [],
    run: ({ drawing }) => drawing.isByPressure.set(!drawing.isByPressure.get()),
  },
  {
    id: "snapping",
    title: "Snap to neighbours, on and off",
    group: "Annotations",
    keys: ["N"],
    run: ({ drawing }) => drawing.snaps.set(!drawing.snaps.get()),
  },
];
