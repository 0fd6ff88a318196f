import { pointHint, pointInteractions } from "../editor/point-gesture";
import { dropProposal } from "../editor/proposal-end";
import type { Tool } from "../editor/tool";

export default {
  id: "magic-wand",
  title: "Magic wand",
  hotkey: "Q",
  order: 12,
  cursor: "crosshair",
  startsFrom: "points",
  engine: "wand",
  icon: "magic-wand",
  hints: [
    { keys: "Click or draw", does: "Take what is connected and has nearly that colour" },
    { keys: "Alt + click or draw", does: "Remove from it" },
    { keys: "{engines}", does: "Tolerance and colour space" },
    { keys: "{accept}", does: "Accept" },
  ],
  hint: (editor) =>
    pointHint(
      editor,
      "Click on a colour to take what is connected and alike · {engines}: tolerance",
    ),
  interactions: pointInteractions,
  leave: dropProposal,
} satisfies Tool;
