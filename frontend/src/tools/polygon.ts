import { encloses, finishRing } from "../editor/drawing";
import type { Editor } from "../editor/editor";
import { type Gesture, gesture, type PointerStep } from "../editor/gesture";
import { closesAt, isNear, reach } from "../editor/reach";
import { isClick } from "../editor/reshape";
import { shapeHint } from "../editor/shape-hint";
import { borderBetween, type Snapped, snapAt } from "../editor/snapping";
import type { Tool } from "../editor/tool";
import { distance, type Point } from "../geometry/points";
import { simplifyLine } from "../geometry/simplify";

/** How near the first point a click closes, and how near the last one it adds nothing: in screen pixels. */
const CLOSE_REACH = reach(8);
const SAME_REACH = reach(4, 12);
/** Of a line drawn freely: how far the pointer moves until the next point, and what is then smoothed away. */
const TRACE_STEP = 3;
const TRACE_TOLERANCE = 0.75;

/** What one click or one trace added, the last point at its end, with the place on a neighbour where that lies. */
interface Piece {
  readonly points: readonly Point[];
  readonly on: Snapped | null;
}

/** The polygon that is being drawn. */
class Outline {
  pieces: readonly Piece[] = [];
  /** A line that is drawn freely, not yet a piece. */
  private traced: readonly Point[] = [];

  constructor(private readonly editor: Editor) {}

  get points(): readonly Point[] {
    return [...this.pieces.flatMap(({ points }) => points), ...this.traced];
  }

  get canClose(): boolean {
    return encloses(this.points, this.editor.image);
  }

  isClosedBy(step: PointerStep): boolean {
    return closesAt(this.points, step, CLOSE_REACH) && this.canClose;
  }

  /** What a click would add: the neighbour's border on the way there, unless Alt is held, and the place itself. */
  pieceAt(step: PointerStep): Piece {
    const on = snapAt(this.editor, step);
    const before = this.pieces.at(-1)?.on ?? null;
    const border = on && before && !step.alt ? borderBetween(this.editor, before, on) : [];
    return { points: [...border, on?.point ?? step.point], on };
  }

  add(step: PointerStep): void {
    this.pieces = [...this.pieces, this.pieceAt(step)];
  }

  trace(step: PointerStep): void {
    const last = this.points.at(-1);
    if (last && distance(last, step.point) < TRACE_STEP * step.unitsPerPixel) return;
    this.traced = [...this.traced, step.point];
  }

  /** The trace is over: it becomes one piece, without what only the hand's tremor put into it. */
  endTrace(unitsPerPixel: number): void {
    if (this.traced.length === 0) return;
    const start = this.pieces.at(-1)?.points.at(-1);
    const line = simplifyLine(
      start ? [start, ...this.traced] : this.traced,
      TRACE_TOLERANCE * unitsPerPixel,
    );
    this.pieces = [...this.pieces, { points: start ? line.slice(1) : line, on: null }];
    this.traced = [];
  }

  /** Drop what the press that runs has added. */
  dropTo(pieces: readonly Piece[]): void {
    this.traced = [];
    this.pieces = pieces;
  }

  takeBack(): void {
    if (this.traced.length > 0) this.traced = [];
    else this.pieces = this.pieces.slice(0, -1);
  }

  show(step: PointerStep | null): void {
    const closes = step !== null && this.isClosedBy(step);
    const next = step === null || closes ? null : this.pieceAt(step);
    const border = next?.points.slice(0, -1) ?? [];
    const cursor = closes ? (this.points[0] ?? null) : (next?.points.at(-1) ?? null);
    this.editor.draft.set({ kind: "ring", points: [...this.points, ...border], cursor, closes });
    this.editor.hotVertex.set(
      next?.on ? { kind: "place", address: next.on.address, point: next.on.point } : null,
    );
  }
}

function* draw(editor: Editor, down: PointerStep): Gesture {
  const outline = new Outline(editor);
  const close = () => finishRing(editor, outline.points, "Draw polygon");
  outline.add(down);
  outline.show(down);
  /** The press that is held; a drag of it traces. */
  let held: PointerStep | null = down;
  let before = outline.pieces;
  for (let step = yield; ; step = yield) {
    if (step.type === "command") {
      if (step.id === "accept" && outline.canClose && close()) return;
      if (step.id !== "accept") outline.takeBack();
      if (outline.points.length === 0) return;
      outline.show(null);
    } else if (step.type === "resumed") {
      held = null;
      outline.show(null);
    } else if (step.type === "takenback") {
      held = null;
      outline.dropTo(before);
      outline.show(null);
    } else if (step.type === "pointerdown") {
      before = outline.pieces;
      outline.endTrace(step.unitsPerPixel);
      // A second press at the same place is what a double click comes to. OpenLayers' own "dblclick" pairs any two
      // quick clicks, wherever they are, and so misses or invents it for who clicks fast.
      const isRepeated = isNear(outline.points.at(-1), step, SAME_REACH);
      if (outline.isClosedBy(step) || (isRepeated && outline.canClose)) {
        if (close()) return;
      } else if (!isRepeated) outline.add(step);
      held = step;
      outline.show(step);
    } else if (step.type === "pointerup") {
      held = null;
      outline.endTrace(step.unitsPerPixel);
      outline.show(step);
    } else {
      if (step.shift || (held && !isClick(held, step))) outline.trace(step);
      else outline.endTrace(step.unitsPerPixel);
      outline.show(step);
    }
  }
}

// Not OpenLayers' Draw: its points would be neither clamped to the image nor on the 1/64 px grid.
export default {
  id: "polygon",
  title: "Polygon",
  hotkey: "P",
  order: 20,
  cursor: "crosshair",
  icon: "polygon",
  isShape: true,
  hints: [
    { keys: "Click", does: "Add a point; near a neighbour's vertex or edge, exactly there" },
    {
      keys: "Click twice on a neighbour",
      does: "Follow its border, which is then shared (Alt: straight)",
    },
    { keys: "Shift + move, or drag", does: "Draw freely" },
    { keys: "Double click, or click the first point", does: "Close the polygon" },
    { keys: "{accept}", does: "Close it by key" },
    { keys: "{delete}", does: "Take back the last point, border or trace" },
    { keys: "{escape}", does: "Drop the polygon; undo brings it back" },
  ],
  hint: (editor) =>
    editor.draft.get()?.kind === "ring"
      ? "Click adds points · Shift draws freely · Double click closes · so does {accept} · {delete} takes back · {escape} drops"
      : shapeHint(editor, "Click to start a polygon · Shift or drag: draw freely"),
  interactions: (editor) => [
    gesture((down) => draw(editor, down), {
      commands: ["accept", "delete", "undo"],
      canResume: true,
      hover: (step) => {
        const on = snapAt(editor, step);
        editor.hotVertex.set(on && { kind: "place", address: on.address, point: on.point });
      },
    }),
  ],
} satisfies Tool;
