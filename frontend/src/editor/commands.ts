import {
  finish,
  nudge,
  pickCategory,
  removeHotOrSelected,
  resizeBrush,
  toggleMarking,
} from "./acts";
import { CROSSHAIR_COMMAND } from "./crosshair";
import { DRAWING_COMMANDS } from "./drawing-commands";
import type { Editor } from "./editor";
import { FLOW_COMMANDS, PALETTE_COMMANDS } from "./flow-commands";
import type { Tool } from "./tool";
import { TRANSFORM_COMMANDS } from "./transform-commands";
import { nudgeVertex } from "./vertex-keys";
import { VISIBILITY_COMMANDS } from "./visibility-commands";

/** What only the page around the editor can do. */
export interface PageActions {
  readonly previousImage: () => void;
  readonly nextImage: () => void;
  /** Set the state, or take it back when it is set; with `goesOn`, set it in any case and open the next image. */
  readonly finish: (state: "done" | "skipped", goesOn: boolean) => void;
  readonly nextToDo: () => void;
  readonly copyFromPrevious: () => void;
  readonly toggleHelp: () => void;
  readonly toggleFilmstrip: () => void;
  readonly toggleEngines: () => void;
  readonly toggleCoverage: () => void;
  readonly toggleHistory: () => void;
  readonly openPalette: (list: PaletteList) => void;
}

/** What the command palette lists. */
export type PaletteList = "commands" | "images" | "categories" | "tools";

export interface Command {
  readonly id: string;
  readonly title: string;
  readonly group: "Tools" | "Proposals" | "Annotations" | "Edit" | "View" | "Images" | "Help";
  /** As `keyOf` writes them; the first is shown in tooltips. */
  readonly keys: readonly string[];
  readonly run: (editor: Editor, page: PageActions) => void;
  /** Whether it takes up a tool. */
  readonly isTool?: true;
  /** What it does where it goes to another image: also while one loads. */
  readonly move?: (page: PageActions) => void;
}

const PAN_PIXELS = 80;

const previous = (page: PageActions) => page.previousImage();
const next = (page: PageActions) => page.nextImage();

function arrow(name: string, dx: number, dy: number): Command[] {
  const key = `Arrow${name}`;
  const by = (step: number) => (editor: Editor) => {
    if (!nudgeVertex(editor, [dx * step, dy * step]) && !nudge(editor, [dx * step, dy * step])) {
      editor.viewport.panBy([-dx * PAN_PIXELS, -dy * PAN_PIXELS]);
    }
  };
  return [
    {
      id: `nudge-${name}`,
      title: "Move the picked vertex or what is selected 1 px, or the view",
      group: "Edit",
      keys: [key],
      run: by(1),
    },
    {
      id: `nudge-${name}-far`,
      title: "Move the picked vertex or what is selected 10 px, or the view",
      group: "Edit",
      keys: [`Shift+${key}`],
      run: by(10),
    },
  ];
}

const PROPOSAL_COMMANDS: readonly Command[] = [
  {
    id: "engines",
    title: "Choose the engine and its options",
    group: "Proposals",
    keys: ["E"],
    run: (_, page) => page.toggleEngines(),
  },
  {
    id: "mark-inside",
    title: "Points and strokes that add what is inside, on and off",
    group: "Proposals",
    keys: ["A"],
    run: (editor) => toggleMarking(editor, 1),
  },
  {
    id: "mark-outside",
    title: "Points and strokes that remove what is outside, on and off",
    group: "Proposals",
    keys: ["S"],
    run: (editor) => toggleMarking(editor, 0),
  },
  {
    id: "thinner",
    title: "Thinner brush or stroke",
    group: "Proposals",
    keys: ["["],
    run: (editor) => resizeBrush(editor, -1),
  },
  {
    id: "wider",
    title: "Wider brush or stroke",
    group: "Proposals",
    keys: ["]"],
    run: (editor) => resizeBrush(editor, 1),
  },
  {
    id: "compare",
    title: "Compare with another engine, and back",
    group: "Proposals",
    keys: ["C"],
    run: (editor) => void editor.proposals.compare(),
  },
  {
    id: "accept",
    title: "Accept the proposal, close the outline, or be done with what is painted",
    group: "Proposals",
    keys: ["Enter"],
    run: (editor) => finish(editor),
  },
];

const DIGITS = ["1", "2", "3", "4", "5", "6", "7", "8", "9"];

/** Everything that a key does, once: the keyboard, the tooltips and the shortcut sheet read it. */
export function makeCommands(tools: readonly Tool[]): readonly Command[] {
  return [
    ...tools.map(
      (tool): Command => ({
        id: `tool-${tool.id}`,
        title: tool.title,
        group: "Tools",
        keys: [tool.hotkey],
        run: (editor) => editor.setTool(tool.id),
        isTool: true,
      }),
    ),
    ...PROPOSAL_COMMANDS,
    ...DRAWING_COMMANDS,
    ...TRANSFORM_COMMANDS,
    ...PALETTE_COMMANDS,
    {
      id: "escape",
      title: "Drop what is drawn or proposed, deselect",
      group: "Edit",
      keys: ["Escape"],
      run: (editor) => editor.escape(),
    },
    { id: "undo", title: "Undo", group: "Edit", keys: ["Mod+Z"], run: (editor) => editor.undo() },
    {
      id: "redo",
      title: "Redo",
      group: "Edit",
      keys: ["Mod+Shift+Z", "Mod+Y"],
      run: (editor) => editor.redo(),
    },
    {
      id: "delete",
      title:
        "Delete the last point drawn, the vertex under the pointer, a proposal's last mark, or what is selected",
      group: "Edit",
      keys: ["Delete", "Backspace"],
      run: (editor) => removeHotOrSelected(editor),
    },
    ...arrow("Left", -1, 0),
    ...arrow("Right", 1, 0),
    ...arrow("Up", 0, -1),
    ...arrow("Down", 0, 1),
    ...DIGITS.map(
      (digit): Command => ({
        id: `category-${digit}`,
        title: "Category of this hotkey: of the selected annotation, or to draw",
        group: "Edit",
        keys: [digit],
        run: (editor) => {
          const category = editor.categories.get().find(({ hotkey }) => hotkey === digit);
          if (category) pickCategory(editor, category.id);
        },
      }),
    ),
    {
      id: "fit",
      title: "Fit the image",
      group: "View",
      keys: ["F", "0"],
      run: (editor) => editor.viewport.fit(),
    },
    {
      id: "actual-size",
      title: "One screen pixel for one image pixel",
      group: "View",
      keys: ["Shift+1"],
      run: (editor) => editor.viewport.zoomTo(1),
    },
    {
      id: "zoom-in",
      title: "Zoom in",
      group: "View",
      keys: ["+", "="],
      run: (editor) => editor.viewport.zoomBy(1.5),
    },
    {
      id: "zoom-out",
      title: "Zoom out",
      group: "View",
      keys: ["-"],
      run: (editor) => editor.viewport.zoomBy(1 / 1.5),
    },
    CROSSHAIR_COMMAND,
    {
      id: "coverage",
      title: "Segment map, overlaps and gaps, on and off",
      group: "View",
      keys: ["G"],
      run: (_, page) => page.toggleCoverage(),
    },
    {
      id: "filmstrip",
      title: "Show or hide the image list",
      group: "View",
      keys: ["I"],
      run: (_, page) => page.toggleFilmstrip(),
    },
    {
      id: "history",
      title: "Show or hide the history",
      group: "View",
      keys: ["Shift+H"],
      run: (_, page) => page.toggleHistory(),
    },
    {
      id: "previous-image",
      title: "Previous image",
      group: "Images",
      keys: [",", "PageUp"],
      run: (_, page) => previous(page),
      move: previous,
    },
    {
      id: "next-image",
      title: "Next image",
      group: "Images",
      keys: [".", "PageDown"],
      run: (_, page) => next(page),
      move: next,
    },
    ...FLOW_COMMANDS,
    ...VISIBILITY_COMMANDS,
    {
      id: "help",
      title: "Keyboard shortcuts",
      group: "Help",
      keys: ["?"],
      run: (_, page) => page.toggleHelp(),
    },
  ];
}
