import DragPan from "ol/interaction/DragPan";
import type { Tool } from "../editor/tool";

export default {
  id: "pan",
  title: "Pan",
  hotkey: "H",
  order: 1,
  cursor: "grab",
  icon: "pan",
  hints: [
    { keys: "Drag", does: "Move the view" },
    { keys: "Space + drag", does: "Move the view, in every tool" },
    { keys: "Middle button + drag", does: "Move the view, in every tool" },
    { keys: "Wheel", does: "Zoom about the pointer" },
  ],
  hint: () => "Drag to pan · Wheel zooms about the pointer",
  interactions: () => [new DragPan()],
} satisfies Tool;
