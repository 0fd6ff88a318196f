import type { Editor } from "../editor/editor";
import { type Gesture, gesture, type PointerStep } from "../editor/gesture";
import type { Tool } from "../editor/tool";
import { distance, type Point } from "../geometry/points";
import { polygonsToSpans } from "../geometry/raster";
import { MIN_VERTICES, ringFromPoints, signedArea } from "../geometry/rings";
import { spansArea } from "../geometry/spans";

/** How near the first point a click closes, and how near the last one it adds nothing: in screen pixels. */
const CLOSE_REACH = 8;
const SAME_REACH = 4;

function isNear(a: Point | undefined, step: PointerStep, reach: number): boolean {
  return a !== undefined && distance(a, step.point) <= reach * step.unitsPerPixel;
}

function* draw(editor: Editor, down: PointerStep): Gesture {
  let points: readonly Point[] = [down.point];
  let cursor: Point | null = down.point;
  const canClose = () => points.length >= MIN_VERTICES;
  const isClosing = (step: PointerStep) => canClose() && isNear(points[0], step, CLOSE_REACH);
  const show = (closes: boolean) => editor.draft.set({ kind: "ring", points, cursor, closes });
  show(false);
  for (let step = yield; ; step = yield) {
    if (step.type === "key") {
      if (step.key === "Enter" && canClose()) break;
      if (step.key !== "Enter") points = points.slice(0, -1);
      if (points.length === 0) return;
      show(false);
    } else if (step.type === "pointerdown") {
      if (isClosing(step)) break;
      // A second press at the same place is what a double click comes to. OpenLayers' own "dblclick" pairs any two
      // quick clicks, wherever they are, and so misses or invents it for who clicks fast.
      const isRepeated = isNear(points.at(-1), step, SAME_REACH);
      if (isRepeated && canClose()) break;
      if (!isRepeated) points = [...points, step.point];
      show(false);
    } else {
      const closes = isClosing(step);
      cursor = closes ? (points[0] ?? null) : step.point;
      show(closes);
    }
  }
  const ring = ringFromPoints(points);
  // Points on a line cover no pixel, and the server would refuse them. A bow tie may have no signed area and yet pixels.
  if (signedArea(ring) === 0 && spansArea(polygonsToSpans([[ring]], editor.image)) === 0) return;
  editor.draft.set(null);
  editor.create({ segmentation: [[ring]], source: "manual", score: null }, "Draw polygon");
}

// Not OpenLayers' Draw: its points would be neither clamped to the image nor on the 1/64 px grid.
export default {
  id: "polygon",
  title: "Polygon",
  hotkey: "P",
  order: 2,
  cursor: "crosshair",
  icon: "polygon",
  hints: [
    { keys: "Click", does: "Add a point" },
    { keys: "Enter, double click or click the first point", does: "Close the polygon" },
    { keys: "Backspace", does: "Take back the last point" },
    { keys: "Esc", does: "Cancel the polygon" },
  ],
  hint: (editor) =>
    editor.draft.get()?.kind === "ring"
      ? "Click adds points · Enter or double click closes · Backspace removes the last · Esc cancels"
      : "Click to start a polygon",
  interactions: (editor) => [
    gesture((down) => draw(editor, down), { keys: ["Enter", "Backspace", "Mod+Z"] }),
  ],
} satisfies Tool;
