import { runsToPolygons } from "../geometry/outline";
import type { Point } from "../geometry/points";
import { type Part, partHasPoint } from "../geometry/polygons";
import type { Runs } from "../geometry/rle";
import { runsDifference, runsUnion } from "../geometry/runs";
import { Begun } from "./begun";
import { segmentationRuns } from "./combine";
import { addOrCut } from "./drawing";
import type { Editor } from "./editor";

/** Every pixel of an image. */
function everything(height: number, width: number): Runs {
  return { height, width, changes: Float64Array.of(0, height * width) };
}

/** The connected pixels round a point that are in none of the runs; null when the point's own pixel is. */
function gapAt(editor: Editor, taken: readonly Runs[], point: Point): Part | null {
  const { width, height } = editor.image;
  const whole = everything(height, width);
  const free = taken.length > 0 ? runsDifference(whole, runsUnion(taken)) : whole;
  const centre: Point = [
    Math.min(Math.floor(point[0]), width - 1) + 0.5,
    Math.min(Math.floor(point[1]), height - 1) + 0.5,
  ];
  return runsToPolygons(free).find((part) => partHasPoint(part, centre)) ?? null;
}

/** Does a part touch the image's border? Then it is what surrounds an annotation, and no hole of it. */
function isOpen(part: Part, { width, height }: { width: number; height: number }): boolean {
  return (part[0] ?? []).some((value, i) => value === 0 || value === (i % 2 ? height : width));
}

/**
 * Fill what lies round a point: a hole of the selected annotation; else, as a new annotation, the gap that others leave.
 */
export function fillAt(editor: Editor, point: Point): void {
  const selected = editor.selected();
  if (selected) {
    const hole = gapAt(editor, [segmentationRuns(selected.segmentation, editor.image)], point);
    if (!hole || isOpen(hole, editor.image)) {
      editor.notify({
        kind: "info",
        title: "No hole here",
        detail:
          "Click into a hole of the selected annotation, or deselect it to fill gaps between annotations.",
      });
      return;
    }
    addOrCut(editor, new Begun(editor, selected), true, [hole], "Fill hole");
    return;
  }
  const taken = editor.annotations
    .all()
    .map((one) => segmentationRuns(one.segmentation, editor.image));
  const gap = gapAt(editor, taken, point);
  if (!gap) {
    editor.notify({
      kind: "info",
      title: "No gap here",
      detail: "An annotation has this pixel already.",
    });
    return;
  }
  editor.create({ segmentation: [gap], source: "manual", score: null }, "Fill gap");
}
