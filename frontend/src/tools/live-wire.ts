import { pointHint, pointInteractions } from "../editor/point-gesture";
import type { Tool } from "../editor/tool";

export default {
  id: "live-wire",
  title: "Live-wire",
  hotkey: "L",
  order: 14,
  cursor: "crosshair",
  startsFrom: "points",
  engine: "scissors",
  icon: "live-wire",
  hints: [
    { keys: "Click", does: "A point on the object's outline; between points it follows the edges" },
    { keys: "Backspace", does: "Take back the last point" },
    { keys: "Enter", does: "Accept, closed" },
  ],
  hint: (editor) =>
    pointHint(
      editor,
      "Click along the object's outline, three times or more · it follows the edges between",
    ),
  interactions: pointInteractions,
  leave: (editor) => editor.proposals.drop(),
} satisfies Tool;
