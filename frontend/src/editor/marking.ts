import { distance, type Point } from "../geometry/points";
import type { Editor } from "./editor";
import type { Gesture, PointerStep } from "./gesture";
import type { Label, Mark } from "./prompt";
import { isClick } from "./reshape";
import { Signal } from "./signal";

/** The server takes no wider strokes, in image pixels. */
const WIDEST_STROKE = 500;
/** How far the pointer moves until a stroke gets its next point, in screen pixels. */
const STROKE_STEP = 2;

/** What the next click or stroke says: inside or outside. */
export class Marking {
  /** Null while clicks and drags mean something else. */
  readonly mode = new Signal<Label | null>(null);
  /** Where the next mark would be; null when none would. */
  readonly pointer = new Signal<{ readonly point: Point; readonly label: Label } | null>(null);

  toggle(label: Label, at: Point | null): void {
    const mode = this.mode.get() === label ? null : label;
    this.mode.set(mode);
    this.pointer.set(mode !== null && at ? { point: at, label: mode } : null);
  }

  stop(): void {
    this.mode.set(null);
    this.pointer.set(null);
  }
}

/** The label of a mark made now: Alt held turns it round. */
export function labelOf(mode: Label, { alt }: PointerStep): Label {
  return alt ? (mode === 1 ? 0 : 1) : mode;
}

/** A click is a point, a drag is a stroke; either asks again. */
export function* drawMark(editor: Editor, down: PointerStep, label: Label): Gesture {
  const radius = Math.min(editor.settings.brush.get() * down.unitsPerPixel, WIDEST_STROKE);
  let points: readonly Point[] = [down.point];
  const mark = (): Mark =>
    points.length > 1
      ? { kind: "stroke", label, points, radius }
      : { kind: "point", label, point: down.point };
  editor.draft.set({ kind: "mark", mark: mark() });
  for (let step = yield; step.type !== "pointerup"; step = yield) {
    if (step.type !== "pointermove") continue;
    editor.marking.pointer.set({ point: step.point, label });
    const last = points.at(-1) ?? down.point;
    if (points.length === 1 && isClick(down, step)) continue;
    if (distance(last, step.point) < STROKE_STEP * step.unitsPerPixel) continue;
    points = [...points, step.point];
    editor.draft.set({ kind: "mark", mark: mark() });
  }
  void editor.proposals.mark(mark());
}
