import type { Editor } from "../editor/editor";
import { type Gesture, gesture, type PointerStep } from "../editor/gesture";
import { hotVertexAt, isClick, reshape } from "../editor/reshape";
import type { Tool } from "../editor/tool";
import { type BoxXYXY, boxFromCorners } from "../geometry/boxes";

function proposalVertex(editor: Editor, step: PointerStep) {
  const isReady = editor.proposals.state.get()?.kind === "ready";
  const target = isReady ? editor.reshapable() : null;
  const hot = target && hotVertexAt(target.polygons, step);
  return hot && { target, hot };
}

function* dragBox(editor: Editor, down: PointerStep): Gesture {
  let box: BoxXYXY | null = null;
  for (let step = yield; step.type !== "pointerup"; step = yield) {
    if (step.type !== "pointermove") continue;
    box = isClick(down, step) ? null : boxFromCorners(down.point, step.point);
    editor.draft.set(box && { kind: "box", box });
  }
  // A line is no box.
  if (box && box[2] > box[0] && box[3] > box[1]) void editor.proposals.request(box);
}

function* press(editor: Editor, down: PointerStep): Gesture {
  const grabbed = proposalVertex(editor, down);
  // The handle that is dragged moves with the pointer; the mark of where it was would stay behind.
  editor.hotVertex.set(null);
  if (grabbed) yield* reshape(grabbed.target, grabbed.hot, down);
  else yield* dragBox(editor, down);
}

function hover(editor: Editor, step: PointerStep): void {
  const grabbed = proposalVertex(editor, step);
  editor.hotVertex.set(grabbed?.hot ?? null);
  const isReady = editor.proposals.state.get() !== null;
  editor.draft.set(grabbed || isReady ? null : { kind: "crosshair", point: step.point });
}

export default {
  id: "box-prompt",
  title: "Box",
  hotkey: "B",
  order: 3,
  cursor: "crosshair",
  icon: "box",
  hints: [
    { keys: "Drag a box", does: "Ask for a proposal of the object in it" },
    { keys: "Enter", does: "Accept the proposal" },
    { keys: "Esc", does: "Drop the proposal" },
    { keys: "Drag a vertex or an edge", does: "Change the proposal before accepting it" },
  ],
  hint: (editor) => {
    const kind = editor.proposals.state.get()?.kind;
    if (kind === "running") return "Working… · Drag another box to start over · Esc cancels";
    if (kind === "ready")
      return "Enter accepts · Esc drops · Drag a vertex to change it · Drag another box to start over";
    return "Drag a box around an object";
  },
  interactions: (editor) => [
    gesture((down) => press(editor, down), { hover: (step) => hover(editor, step) }),
  ],
  leave: (editor) => editor.proposals.drop(),
} satisfies Tool;
