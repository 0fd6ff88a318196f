import type { Editor } from "../editor/editor";
import { type Gesture, gesture, type PointerStep } from "../editor/gesture";
import type { Tool } from "../editor/tool";

function* pan(editor: Editor, down: PointerStep): Gesture {
  let last = down.pixel;
  for (let step = yield; step.type !== "pointerup"; step = yield) {
    if (step.type !== "pointermove") continue;
    editor.viewport.panBy([step.pixel[0] - last[0], step.pixel[1] - last[1]]);
    last = step.pixel;
  }
}

// Not OpenLayers' DragPan: it would take part when two fingers zoom.
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
    { keys: "Two fingers", does: "Move and zoom the view, in every tool" },
    { keys: "Wheel", does: "Zoom about the pointer" },
  ],
  hint: () => "Drag to pan · Wheel zooms about the pointer",
  interactions: (editor) => [gesture((down) => pan(editor, down))],
} satisfies Tool;
