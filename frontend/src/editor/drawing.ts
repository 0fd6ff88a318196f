import type { Combination } from "../geometry/boolean";
import type { Point, Size } from "../geometry/points";
import { polygonsToSpans } from "../geometry/raster";
import { MIN_VERTICES, ringFromPoints, signedArea } from "../geometry/rings";
import { spansArea } from "../geometry/spans";
import { type Segmentation, segmentationBox } from "./annotation";
import { Begun } from "./begun";
import { combine } from "./combine";
import type { Editor } from "./editor";
import type { Change } from "./store";

/** What a shape that is drawn does: a new annotation, or a part or a cut of the selected one. */
export type Combining = "new" | "add" | "cut";

/**
 * Shapes that are drawn are added to the selected annotation, or cut from it; the same again: they are new ones. With
 * none selected, what was in work before the tool was taken up is meant.
 */
export function toggleCombining(editor: Editor, how: Exclude<Combining, "new">): void {
  if (!editor.selected()) editor.takeUpWork();
  if (editor.selected()) {
    editor.combining.set(editor.combining.get() === how ? "new" : how);
    return;
  }
  editor.notify({
    kind: "info",
    title: "Select an annotation first",
    detail: "What is drawn then is added to it, or cut from it.",
  });
}

/** What of a segmentation no annotation has, but the one of `except`; null when nothing is. */
export function unowned(
  editor: Editor,
  segmentation: Segmentation,
  except: string | null,
): Segmentation | null {
  const box = segmentationBox(segmentation);
  const owners = editor.annotations.touching(box).filter((one) => one.id !== except);
  if (owners.length === 0) return segmentation;
  const taken = owners.map((one) => one.segmentation);
  return combine("difference", segmentation, taken, editor.image);
}

function sayNothingLeft(editor: Editor): void {
  editor.notify({
    kind: "info",
    title: "Nothing was drawn",
    detail: "Other annotations have all of these pixels, and you draw underneath.",
  });
}

/** What the user may draw of a segmentation: all, or what nobody else has; null, and said, when that is nothing. */
export function drawable(
  editor: Editor,
  segmentation: Segmentation,
  except: string | null = null,
): Segmentation | null {
  if (!editor.drawing.isUnderneath.get()) return segmentation;
  const left = unowned(editor, segmentation, except);
  if (!left) sayNothingLeft(editor);
  return left;
}

/**
 * Add pixels to an annotation, or take them away; one of which nothing is left is deleted. What is added to one that
 * was deleted meanwhile is a new one.
 *
 * @returns false where it may not be, and the user was told
 */
export function addOrCut(
  editor: Editor,
  target: Begun,
  isAdding: boolean,
  segmentation: Segmentation,
  name: string,
): boolean {
  if (target.isDeleted) {
    const drawn = { segmentation, source: "manual", score: null };
    return !isAdding || editor.create(drawn, name) !== null;
  }
  const except = target.now()?.id ?? null;
  const drawn = isAdding ? drawable(editor, segmentation, except) : segmentation;
  if (!drawn) return false;
  const how: Combination = isAdding ? "union" : "difference";
  const left = combine(how, target.segmentation, [drawn], editor.image);
  return target.commit(left ? name : "Delete annotation", left);
}

/**
 * A shape is finished: it becomes an annotation, or what `combining` says.
 *
 * @returns false where it may not be, and the user was told
 */
export function finishShape(editor: Editor, segmentation: Segmentation, name: string): boolean {
  const how = editor.combining.get();
  const selected = editor.selected();
  if (how === "new" || !selected) {
    return editor.create({ segmentation, source: "manual", score: null }, name) !== null;
  }
  const isAdding = how === "add";
  return addOrCut(
    editor,
    new Begun(editor, selected),
    isAdding,
    segmentation,
    isAdding ? "Add to annotation" : "Cut hole",
  );
}

/** Whether the points make a ring that covers something: the server would refuse one that does not. */
export function encloses(points: readonly Point[], image: Size): boolean {
  if (points.length < MIN_VERTICES) return false;
  const ring = ringFromPoints(points);
  // Points on a line cover no pixel. A bow tie may have no signed area and yet pixels.
  return signedArea(ring) !== 0 || spansArea(polygonsToSpans([[ring]], image)) > 0;
}

/** A ring was drawn that encloses something: a shape is finished. Where that may not be, it goes on being drawn. */
export function finishRing(editor: Editor, points: readonly Point[], name: string): boolean {
  if (!finishShape(editor, [[ringFromPoints(points)]], name)) return false;
  editor.hotVertex.set(null);
  editor.draft.set(null);
  return true;
}

const NAMES: Readonly<Record<Combination, string>> = {
  union: "Unite annotations",
  difference: "Subtract annotations",
  intersection: "Intersect annotations",
};

/**
 * Combine the selected annotation with the others that are selected. United, they become one; else the others stay, and
 * the selected one is what it has without them, or shares with them.
 */
export function combineSelected(editor: Editor, how: Combination): void {
  const target = editor.selected();
  const others = editor.alsoSelected();
  if (!target || others.length === 0) {
    editor.notify({
      kind: "info",
      title: "Select two annotations or more",
      detail: "Shift + click selects another one; the first one is what is changed.",
    });
    return;
  }
  const segmentation = combine(
    how,
    target.segmentation,
    others.map((one) => one.segmentation),
    editor.image,
  );
  if (!segmentation) {
    editor.notify({
      kind: "info",
      title: "Nothing would be left",
      detail: "The annotations were left as they are.",
    });
    return;
  }
  const changes: Change[] = [editor.changeOf(target, { segmentation })];
  if (how === "union") changes.push(...others.map((one) => editor.changeOf(one, null)));
  editor.commit(NAMES[how], changes);
}
