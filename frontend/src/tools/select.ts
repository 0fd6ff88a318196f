import { type Annotation, isPolygons } from "../editor/annotation";
import type { Editor } from "../editor/editor";
import { type Gesture, gesture, type PointerStep } from "../editor/gesture";
import { annotationAt } from "../editor/hit";
import {
  asTheyAre,
  commitMoved,
  type Moved,
  movedBy,
  selectedAnnotations,
  showMoved,
} from "../editor/moving";
import { reshapable } from "../editor/reshapable";
import { hotVertexAt, isClick, reshape } from "../editor/reshape";
import type { Tool } from "../editor/tool";
import { cursorOf } from "../editor/transform-box";
import { dragHandle, handleAt, hasMasks } from "../editor/transforming";
import type { Point } from "../geometry/points";

/** How near an edge a click counts, in screen pixels. */
const REACH = 3;

function annotationUnder(editor: Editor, { point, unitsPerPixel }: PointerStep) {
  const reach = REACH * unitsPerPixel;
  return annotationAt(editor.visibleNear(point, reach), point, reach);
}

/** Under the pointer and selected: what a drag moves. */
function isMovable(editor: Editor, under: Annotation | null): boolean {
  if (under === null || editor.isReadOnly) return false;
  return under.id === editor.selection.get() || editor.others.get().has(under.id);
}

function* moveSelected(editor: Editor, down: PointerStep): Gesture {
  const begunWith = selectedAnnotations(editor);
  let moved: Moved | null = null;
  for (let step = yield; step.type !== "pointerup"; step = yield) {
    if (step.type !== "pointermove" || (!moved && isClick(down, step))) continue;
    const [x, y] = step.point;
    const by: Point = [x - down.point[0], y - down.point[1]];
    moved = movedBy(editor, by, asTheyAre(editor, begunWith));
    if (moved) showMoved(editor, moved);
  }
  if (!moved) return;
  editor.draft.set(null);
  commitMoved(editor, { ...moved, annotations: asTheyAre(editor, moved.annotations) });
}

/** A drag moves the view; a click selects what is there, or nothing. */
function* clickOrPan(editor: Editor, down: PointerStep): Gesture {
  let last = down.pixel;
  let isPanning = false;
  for (let step = yield; step.type !== "pointerup"; step = yield) {
    if (step.type !== "pointermove") continue;
    isPanning ||= !isClick(down, step);
    if (!isPanning) continue;
    editor.viewport.panBy([step.pixel[0] - last[0], step.pixel[1] - last[1]]);
    last = step.pixel;
  }
  if (isPanning) return;
  const id = annotationUnder(editor, down)?.id ?? null;
  if (!down.shift) editor.select(id);
  else if (id !== null) editor.toggleSelected(id);
}

function* press(editor: Editor, down: PointerStep): Gesture {
  const handle = handleAt(editor, down);
  if (handle) return yield* dragHandle(editor, handle, down);
  const target = reshapable(editor);
  const hot = target && hotVertexAt(target.polygons, down);
  // The handle that is dragged moves with the pointer; the mark of where it was would stay behind.
  editor.hotVertex.set(null);
  if (down.shift) yield* clickOrPan(editor, down);
  else if (hot) yield* reshape(target, hot, down);
  else if (isMovable(editor, annotationUnder(editor, down))) yield* moveSelected(editor, down);
  else yield* clickOrPan(editor, down);
}

function hover(editor: Editor, step: PointerStep): void {
  const handle = handleAt(editor, step);
  if (handle) {
    editor.hovered.set(null);
    editor.viewport.setCursor(cursorOf(handle));
    return;
  }
  const target = reshapable(editor);
  const hot = target && hotVertexAt(target.polygons, step);
  editor.hotVertex.set(hot);
  const under = annotationUnder(editor, step);
  editor.hovered.set(hot ? null : (under?.id ?? null));
  const cursor = isMovable(editor, under) ? "move" : under ? "pointer" : "default";
  editor.viewport.setCursor(hot ? "crosshair" : cursor);
}

function transformHint(editor: Editor): string {
  if (!editor.selected()) return "Click an annotation to scale and rotate it · {escape} ends";
  const note = hasMasks(editor)
    ? " · Pixels of a mask are taken from the nearest ones: each time loses a little"
    : "";
  return `Drag a handle to scale (Shift: in ratio, Alt: about the middle), the knob to turn (Shift: by 15°) · {accept} ends${note}`;
}

function hint(editor: Editor): string {
  const selected = editor.selected();
  if (editor.transform.get()) return transformHint(editor);
  if (!selected) return "Click an annotation to select it · Drag to pan";
  const others = editor.others.get().size;
  if (others > 0)
    return `${others + 1} selected · Shift+click: one more or less · {delete} deletes them`;
  const ways = isPolygons(selected.segmentation)
    ? "Drag to move · Drag a vertex or an edge · Alt+click removes a vertex"
    : "Drag to move · A mask has no vertices: brush and eraser change it";
  return `${ways} · {delete} deletes · {category-1}–{category-9} set the category`;
}

// OpenLayers' Modify and Translate know neither holes of the half-open pixel grid nor a clamp that never deforms.
export default {
  id: "select",
  title: "Select",
  hotkey: "V",
  order: 0,
  cursor: "default",
  icon: "select",
  hints: [
    { keys: "Click", does: "Select an annotation" },
    { keys: "Shift + click", does: "Select one more, or one less" },
    { keys: "Drag inside", does: "Move what is selected" },
    { keys: "Drag a vertex", does: "Move the vertex" },
    { keys: "Click or drag an edge", does: "Put in a vertex" },
    { keys: "Alt + click a vertex", does: "Remove the vertex" },
    {
      keys: "{transform}, then drag a handle",
      does: "Scale; in ratio with Shift, about the middle with Alt",
    },
    { keys: "{transform}, then drag the knob", does: "Turn; by 15° with Shift" },
  ],
  hint,
  interactions: (editor) => [
    gesture((down) => press(editor, down), { hover: (step) => hover(editor, step) }),
  ],
} satisfies Tool;
