import { type BoxXYXY, boxFromCorners } from "../geometry/boxes";
import type { Point } from "../geometry/points";
import type { Polygons } from "../geometry/polygons";
import { finishShape } from "./drawing";
import type { Editor } from "./editor";
import type { Gesture, PointerStep } from "./gesture";
import { isClick } from "./reshape";

/** The corner opposite to `from`: with Shift the box is a square, of the longer side. */
function corner(from: Point, { point, shift }: PointerStep): Point {
  if (!shift) return point;
  const [dx, dy] = [point[0] - from[0], point[1] - from[1]];
  const side = Math.max(Math.abs(dx), Math.abs(dy));
  return [from[0] + Math.sign(dx || 1) * side, from[1] + Math.sign(dy || 1) * side];
}

function clipped(
  [x0, y0, x1, y1]: BoxXYXY,
  { width, height }: { width: number; height: number },
): BoxXYXY {
  return [Math.max(x0, 0), Math.max(y0, 0), Math.min(x1, width), Math.min(y1, height)];
}

/** Drag a box that a shape fills: from corner to corner, or with Alt from its middle. */
export function* dragShape(
  editor: Editor,
  down: PointerStep,
  shapeIn: (box: BoxXYXY) => Polygons,
  name: string,
): Gesture {
  let shape: Polygons | null = null;
  for (let step = yield; step.type !== "pointerup"; step = yield) {
    if (step.type !== "pointermove") continue;
    const to = corner(down.point, step);
    const from: Point = step.alt
      ? [2 * down.point[0] - to[0], 2 * down.point[1] - to[1]]
      : down.point;
    const box = clipped(boxFromCorners(from, to), editor.image);
    shape = isClick(down, step) || box[0] === box[2] || box[1] === box[3] ? null : shapeIn(box);
    editor.draft.set(shape && { kind: "shape", polygons: shape });
  }
  if (!shape) return;
  editor.draft.set(null);
  finishShape(editor, shape, name);
}
