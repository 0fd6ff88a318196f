import { pointHint, pointInteractions } from "../editor/point-gesture";
import { dropProposal } from "../editor/proposal-end";
import type { Tool } from "../editor/tool";

export default {
  id: "superpixels",
  title: "Superpixels",
  hotkey: "J",
  order: 13,
  cursor: "crosshair",
  startsFrom: "points",
  engine: "superpixels",
  icon: "superpixels",
  hints: [
    { keys: "Click or draw", does: "Gather the superpixels under the pointer" },
    { keys: "Alt + click or draw", does: "Give them back" },
    { keys: "{engines}", does: "How many, and how square" },
    { keys: "{accept}", does: "Accept" },
  ],
  hint: (editor) => pointHint(editor, "Click or draw to gather superpixels · {engines}: how many"),
  interactions: pointInteractions,
  leave: dropProposal,
} satisfies Tool;
