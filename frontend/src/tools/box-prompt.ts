import type { Editor } from "../editor/editor";
import { type Gesture, gesture, type PointerStep } from "../editor/gesture";
import { drawMark, labelOf } from "../editor/marking";
import { dropProposal } from "../editor/proposal-end";
import { reshapable } from "../editor/reshapable";
import { hotVertexAt, isClick, reshape } from "../editor/reshape";
import type { Tool } from "../editor/tool";
import { type BoxXYXY, boxFromCorners } from "../geometry/boxes";

function proposalVertex(editor: Editor, step: PointerStep) {
  const isReady = editor.proposals.state.get()?.kind === "ready";
  const target = isReady ? reshapable(editor) : null;
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
  const mode = editor.marking.mode.get();
  const grabbed = proposalVertex(editor, down);
  // The handle that is dragged moves with the pointer; the mark of where it was would stay behind.
  editor.hotVertex.set(null);
  if (mode !== null) yield* drawMark(editor, down, labelOf(mode, down));
  else if (grabbed) yield* reshape(grabbed.target, grabbed.hot, down);
  else yield* dragBox(editor, down);
}

function hover(editor: Editor, step: PointerStep): void {
  const mode = editor.marking.mode.get();
  if (mode !== null) {
    editor.marking.pointer.set({ point: step.point, label: labelOf(mode, step) });
    return;
  }
  editor.hotVertex.set(proposalVertex(editor, step)?.hot ?? null);
}

function hint(editor: Editor): string {
  const kind = editor.proposals.state.get()?.kind;
  const mode = editor.marking.mode.get();
  if (mode !== null && kind) {
    const [here, there] = mode === 1 ? ["inside", "outside"] : ["outside", "inside"];
    return `Click or draw what is ${here} · Alt: ${there} · {thinner} {wider} size · {delete} takes back · {accept} accepts · {escape} ends`;
  }
  if (kind === "running") return "Working… · Drag another box to start over · {escape} cancels";
  if (kind === "ready")
    return "{accept} accepts · {escape} drops · {mark-inside} adds and {mark-outside} removes by points · {compare} compares · Drag a vertex or another box";
  return "Drag a box around an object · {engines} chooses the engine";
}

export default {
  id: "box-prompt",
  title: "Box",
  hotkey: "B",
  order: 10,
  cursor: "crosshair",
  startsFrom: "bbox",
  isBoxed: true,
  icon: "box",
  hints: [
    { keys: "Drag a box", does: "Ask for a proposal of the object in it" },
    { keys: "{mark-inside}, then click or draw", does: "Add what is inside (Alt: outside)" },
    { keys: "{mark-outside}, then click or draw", does: "Remove what is outside (Alt: inside)" },
    { keys: "{delete}", does: "Take back the last point, stroke or change" },
    { keys: "Drag a vertex or an edge", does: "Change the proposal before accepting it" },
    { keys: "{accept}", does: "Accept the proposal" },
    { keys: "{escape}", does: "Cancel the engine, end marking, drop the proposal" },
  ],
  hint,
  interactions: (editor) => [
    gesture((down) => press(editor, down), { hover: (step) => hover(editor, step) }),
  ],
  leave: dropProposal,
} satisfies Tool;
