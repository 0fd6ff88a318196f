import type { Editor } from "../editor/editor";
import { pointHint, pointInteractions } from "../editor/point-gesture";
import { dropProposal } from "../editor/proposal-end";
import type { Tool } from "../editor/tool";

function hint(editor: Editor): string {
  return pointHint(editor, "Click into an object, or draw over it · {engines} chooses the engine");
}

export default {
  id: "point-prompt",
  title: "Points",
  hotkey: "W",
  order: 11,
  cursor: "crosshair",
  startsFrom: "points",
  icon: "wand",
  hints: [
    { keys: "Click or draw", does: "Ask for a proposal of what is there, then add to it" },
    { keys: "Alt + click or draw", does: "Remove from the proposal" },
    { keys: "{mark-outside}, then click or draw", does: "The same without Alt" },
    { keys: "{delete}", does: "Take back the last point or stroke" },
    { keys: "{accept}", does: "Accept the proposal" },
    { keys: "{escape}", does: "Cancel the engine, drop the proposal" },
  ],
  hint,
  interactions: pointInteractions,
  leave: dropProposal,
} satisfies Tool;
