import { encloses, finishRing } from "../editor/drawing";
import type { Editor } from "../editor/editor";
import { type Gesture, gesture, type PointerStep } from "../editor/gesture";
import { closesAt, isNear, reach } from "../editor/reach";
import { shapeHint } from "../editor/shape-hint";
import type { Tool } from "../editor/tool";
import { Wire } from "../editor/wire";
import type { Point } from "../geometry/points";

/** How near the first click a click closes, and how near the last one it ends: in screen pixels. */
const CLOSE_REACH = reach(8);
const SAME_REACH = reach(4, 12);

/** What one click added, the place that was clicked last. */
type Piece = readonly Point[];

/** The outline that is being drawn: clicks, and the ways along the edges between them. */
class WireOutline {
  pieces: readonly Piece[] = [];
  private readonly wire: Wire;
  private unitsPerPixel = 1;
  /** Where the last click was; the edge that it found may be elsewhere. */
  private pressed: Point | undefined;

  constructor(private readonly editor: Editor) {
    const { image, viewport } = editor;
    this.wire = new Wire(image.pixels ?? viewport.pixelsOf, image, () => viewport.seen());
  }

  get points(): readonly Point[] {
    return this.pieces.flat();
  }

  get clicks(): readonly Point[] {
    return this.pieces.map((piece) => piece.at(-1) as Point);
  }

  get canClose(): boolean {
    return this.pieces.length >= 2 && encloses(this.closed(), this.editor.image);
  }

  isClosedBy(step: PointerStep): boolean {
    return closesAt(this.points, step, CLOSE_REACH) && this.canClose;
  }

  isRepeated(step: PointerStep): boolean {
    return isNear(this.pressed, step, SAME_REACH);
  }

  /** What a click would add: the way there along the edges; with Alt straight, and exactly there. */
  private pieceAt(step: PointerStep): Piece {
    const { point, unitsPerPixel, alt } = step;
    const last = this.points.at(-1);
    if (alt) return [point];
    const to = this.wire.snapped(point, unitsPerPixel);
    return last ? this.wire.way(last, to, unitsPerPixel) : [to];
  }

  add(step: PointerStep): void {
    this.unitsPerPixel = step.unitsPerPixel;
    this.pressed = step.point;
    this.pieces = [...this.pieces, this.pieceAt(step)];
  }

  takeBack(): void {
    this.pieces = this.pieces.slice(0, -1);
    this.pressed = undefined;
  }

  /** With the way back to the first click. */
  closed(): readonly Point[] {
    const { points } = this;
    const [first, last] = [points[0], points.at(-1)];
    if (!first || !last) return points;
    return [...points, ...this.wire.way(last, first, this.unitsPerPixel).slice(0, -1)];
  }

  show(step: PointerStep | null): void {
    const closes = step !== null && this.isClosedBy(step);
    const { clicks } = this;
    const ahead = step === null || closes ? [] : this.pieceAt(step);
    const points = closes ? this.closed() : [...this.points, ...ahead.slice(0, -1)];
    const cursor = closes ? (points[0] ?? null) : (ahead.at(-1) ?? null);
    this.editor.draft.set({ kind: "ring", points, cursor, closes, handles: clicks });
  }
}

function* draw(editor: Editor, down: PointerStep): Gesture {
  const outline = new WireOutline(editor);
  const close = () => finishRing(editor, outline.closed(), "Draw with live-wire");
  outline.add(down);
  outline.show(down);
  let before = outline.pieces;
  for (let step = yield; ; step = yield) {
    if (step.type === "command") {
      if (step.id === "accept" && outline.canClose && close()) return;
      if (step.id !== "accept") outline.takeBack();
      if (outline.pieces.length === 0) return;
      outline.show(null);
    } else if (step.type === "resumed") {
      outline.show(null);
    } else if (step.type === "takenback") {
      outline.pieces = before;
      outline.show(null);
    } else if (step.type === "pointerdown") {
      before = outline.pieces;
      if (outline.isClosedBy(step) || (outline.isRepeated(step) && outline.canClose)) {
        if (close()) return;
      } else if (!outline.isRepeated(step)) outline.add(step);
      outline.show(step);
    } else outline.show(step);
  }
}

export default {
  id: "live-wire",
  title: "Live-wire",
  hotkey: "L",
  order: 14,
  cursor: "crosshair",
  icon: "live-wire",
  isShape: true,
  hints: [
    { keys: "Click", does: "A point on the outline; between points it follows the edges as shown" },
    { keys: "Alt + click", does: "Straight, and exactly there" },
    { keys: "Double click, or click the first point", does: "Close it along the edges" },
    { keys: "{accept}", does: "Close it by key" },
    { keys: "{delete}", does: "Take back the last point" },
    { keys: "{escape}", does: "Drop it; undo brings it back" },
  ],
  hint: (editor) =>
    editor.draft.get()?.kind === "ring"
      ? "Click fixes the way shown · Alt: straight · Double click or the first point closes along the edges · so does {accept} · {delete} takes back · {escape} drops"
      : shapeHint(editor, "Click on the object's outline: between the clicks it follows the edges"),
  interactions: (editor) => [
    gesture((down) => draw(editor, down), {
      commands: ["accept", "delete", "undo"],
      canResume: true,
    }),
  ],
} satisfies Tool;
