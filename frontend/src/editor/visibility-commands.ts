import type { Command } from "./commands";
import type { Editor } from "./editor";

/** Turn something on or off of what is selected. */
function ofSelected(act: (editor: Editor, id: string) => void) {
  return (editor: Editor) => {
    const id = editor.selection.get();
    if (id !== null) act(editor, id);
  };
}

export const VISIBILITY_COMMANDS: readonly Command[] = [
  {
    id: "solo",
    title: "Show the selected annotation alone, or all again",
    group: "View",
    keys: ["Shift+O"],
    run: (editor) => editor.visibility.setSolo(editor.selection.get()),
  },
  {
    id: "hide",
    title: "Hide or show the selected annotation",
    group: "View",
    keys: ["Shift+I"],
    run: ofSelected((editor, id) => editor.setHidden([id], !editor.hidden.get().has(id))),
  },
  {
    id: "show-all",
    title: "Show all annotations, without any filter",
    group: "View",
    keys: ["Shift+A"],
    run: (editor) => editor.visibility.showAll(),
  },
  {
    id: "lock",
    title: "Lock or unlock the selected annotation",
    group: "Edit",
    keys: ["Shift+L"],
    run: ofSelected(({ visibility }, id) =>
      visibility.setLocked([id], !visibility.locked.get().has(id)),
    ),
  },
  {
    id: "unlock-all",
    title: "Unlock all annotations",
    group: "Edit",
    keys: [],
    run: ({ visibility }) => visibility.setLocked([...visibility.locked.get()], false),
  },
];
