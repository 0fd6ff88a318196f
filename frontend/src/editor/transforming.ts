import {
  type Affine,
  clampPolygons,
  scaling,
  transformPoint,
  transformPolygons,
  transformRuns,
  turning,
} from "../geometry/affine";
import { type BoxXYXY, boxCorners, clampMove } from "../geometry/boxes";
import type { Point } from "../geometry/points";
import { polygonsBox } from "../geometry/polygons";
import { encodeRLE } from "../geometry/rle";
import { type Annotation, isPolygons, type Segmentation, segmentationBox } from "./annotation";
import { segmentationRuns } from "./combine";
import type { Editor } from "./editor";
import type { Gesture, PointerStep } from "./gesture";
import { runsOf } from "./masks";
import { asTheyAre, selectedAnnotations, unitedBox } from "./moving";
import { isClick } from "./reshape";
import { outline } from "./shapes";
import { type Handle, handleIn, limited, placeOf } from "./transform-box";

/** What is selected can be scaled and rotated. */
export interface Transforming {
  /** Of the box on its way; null while nothing is dragged. */
  readonly corners: readonly Point[] | null;
  /** What the drag comes to. */
  readonly words: string;
}

const AT_REST: Transforming = { corners: null, words: "" };
const SHIFT_DEGREES = 15;
/** Without Shift: finer than a hand. */
const DEGREES = 0.1;

function boxAround(all: readonly Annotation[]): BoxXYXY | null {
  return all.length > 0 ? unitedBox(all.map((one) => segmentationBox(one.segmentation))) : null;
}

/** Around all that is selected; null when nothing is. */
export function selectedBox(editor: Editor): BoxXYXY | null {
  return boxAround(selectedAnnotations(editor));
}

/** Whether some of what is selected is made of pixels, and so loses a little each time. */
export function hasMasks(editor: Editor): boolean {
  return selectedAnnotations(editor).some(({ segmentation }) => !isPolygons(segmentation));
}

export function toggleTransform(editor: Editor): void {
  if (editor.transform.get()) editor.transform.set(null);
  else if (!editor.isReadOnly) {
    if (editor.tool.get().id !== "select") editor.setTool("select");
    editor.transform.set(AT_REST);
  }
}

/** @returns whether there was anything to end */
export function endTransform(editor: Editor): boolean {
  if (!editor.transform.get()) return false;
  editor.transform.set(null);
  return true;
}

export function handleAt(editor: Editor, step: PointerStep): Handle | null {
  const box = editor.transform.get() && selectedBox(editor);
  return box && handleIn(box, step, editor.image.height);
}

/** Scaled about a point by a factor for each axis, as far as the image reaches; `isEven`: both by one. */
function scaled(
  editor: Editor,
  box: BoxXYXY,
  about: Point,
  [byX, byY]: Point,
  isEven: boolean,
): Affine {
  const { width, height } = editor.image;
  const x = limited(byX, about[0], box[0], box[2], width);
  const y = limited(byY, about[1], box[1], box[3], height);
  if (!isEven) return scaling(about, x, y);
  // The one factor must suit both axes.
  const even = byX > 1 ? Math.min(x, y) : Math.max(x, y);
  return scaling(about, even, even);
}

/** A turn about the middle of the box, and a move back into the image; null when there is no room for it. */
function turned(
  editor: Editor,
  all: readonly Annotation[],
  box: BoxXYXY,
  degrees: number,
): Affine | null {
  const affine = turning(placeOf(box, 0, 0), degrees);
  const after = unitedBox(
    all.map(({ segmentation }) => polygonsBox(transformPolygons(outline(segmentation), affine))),
  );
  const { width, height } = editor.image;
  if (after[2] - after[0] > width || after[3] - after[1] > height) return null;
  return { ...affine, shift: clampMove(after, [0, 0], editor.image) };
}

function scaledTo(
  editor: Editor,
  box: BoxXYXY,
  { x, y }: Handle & { kind: "scale" },
  down: PointerStep,
  step: PointerStep,
): Affine {
  const from = placeOf(box, x, y);
  const about = step.alt ? placeOf(box, 0, 0) : placeOf(box, -x, -y);
  const along = (axis: 0 | 1) =>
    1 + (step.point[axis] - down.point[axis]) / (from[axis] - about[axis] || 1);
  const [byX, byY] = [x === 0 ? 1 : along(0), y === 0 ? 1 : along(1)];
  if (!step.shift) return scaled(editor, box, about, [byX, byY], false);
  const even = x === 0 ? byY : y === 0 ? byX : Math.max(byX, byY);
  return scaled(editor, box, about, [even, even], true);
}

function degreesTo(box: BoxXYXY, down: PointerStep, step: PointerStep): number {
  const [x, y] = placeOf(box, 0, 0);
  const angle = ([px, py]: Point) => (Math.atan2(py - y, px - x) * 180) / Math.PI;
  const degrees = angle(step.point) - angle(down.point);
  const within = ((((degrees + 180) % 360) + 360) % 360) - 180;
  const unit = step.shift ? SHIFT_DEGREES : DEGREES;
  return Math.round(within / unit) * unit;
}

function transformed(editor: Editor, segmentation: Segmentation, affine: Affine): Segmentation {
  return isPolygons(segmentation)
    ? clampPolygons(transformPolygons(segmentation, affine), editor.image)
    : encodeRLE(transformRuns(runsOf(segmentation), affine));
}

/** Draw them where they would be, instead of where they are. */
function show(
  editor: Editor,
  all: readonly Annotation[],
  box: BoxXYXY,
  affine: Affine,
  words: string,
): void {
  const [first, ...also] = all.map(({ id, segmentation }) => ({
    id,
    polygons: transformPolygons(outline(segmentation), affine),
  }));
  if (first) editor.draft.set({ kind: "change", ...first, also });
  const corners = boxCorners(box).map((corner) => transformPoint(affine, corner));
  editor.transform.set({ corners, words });
}

function commit(
  editor: Editor,
  all: readonly Annotation[],
  what: "Scale" | "Rotate",
  affine: Affine,
): void {
  if (all.length === 0) return;
  const changes = all.map((one) =>
    editor.changeOf(one, { segmentation: transformed(editor, one.segmentation, affine) }),
  );
  const isLeft = changes.every(
    ({ after }) => after && segmentationRuns(after.segmentation, editor.image).changes.length > 0,
  );
  if (isLeft) {
    editor.commit(
      `${what} ${all.length > 1 ? `${all.length} annotations` : "annotation"}`,
      changes,
    );
  } else {
    editor.notify({
      kind: "info",
      title: "Nothing would be left",
      detail: "So small an annotation has no pixel. It was left as it is.",
    });
  }
}

function sizeWords([x0, y0, x1, y1]: BoxXYXY, { matrix }: Affine): string {
  const side = (length: number, factor: number) => (length * factor).toFixed(1);
  return `${side(x1 - x0, matrix[0])} × ${side(y1 - y0, matrix[3])} px`;
}

/** Drag a handle of the box: one step of undo, and none when it is given up. */
export function* dragHandle(editor: Editor, handle: Handle, down: PointerStep): Gesture {
  const begunWith = selectedAnnotations(editor);
  const box = boxAround(begunWith);
  if (!box) return;
  const now = () => asTheyAre(editor, begunWith);
  let affine: Affine | null = null;
  try {
    for (let step = yield; step.type !== "pointerup"; step = yield) {
      if (step.type !== "pointermove" || (!affine && isClick(down, step))) continue;
      if (handle.kind === "scale") {
        affine = scaledTo(editor, box, handle, down, step);
        show(editor, now(), box, affine, sizeWords(box, affine));
        continue;
      }
      const degrees = degreesTo(box, down, step);
      const next = turned(editor, now(), box, degrees);
      // Where there is no room for it, it stays as it was.
      if (!next) continue;
      affine = next;
      show(editor, now(), box, affine, `${degrees.toFixed(1)}°`);
    }
    editor.draft.set(null);
    if (affine) commit(editor, now(), handle.kind === "scale" ? "Scale" : "Rotate", affine);
  } finally {
    if (editor.transform.get()) editor.transform.set(AT_REST);
  }
}

/** Turn what is selected about its middle; false when nothing is, or it has no room. */
export function turnBy(editor: Editor, degrees: number): boolean {
  const all = selectedAnnotations(editor);
  const box = boxAround(all);
  const affine = box && turned(editor, all, box, degrees);
  if (affine) commit(editor, all, "Rotate", affine);
  return affine !== null;
}

/** Make what is selected so many pixels wider, its height in ratio, about its middle. */
export function widenBy(editor: Editor, pixels: number): void {
  const all = selectedAnnotations(editor);
  const box = boxAround(all);
  if (!box) return;
  const width = box[2] - box[0];
  const by = Math.max(1, width + pixels) / width;
  commit(editor, all, "Scale", scaled(editor, box, placeOf(box, 0, 0), [by, by], true));
}
