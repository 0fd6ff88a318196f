import type { Point } from "../geometry/points";
import { encodeRLE, type Runs } from "../geometry/rle";
import { runsUnion, spansToRuns } from "../geometry/runs";
import { brushCentre, strokeSpans } from "../geometry/strokes";
import type { Annotation } from "./annotation";
import { Begun } from "./begun";
import { stepped } from "./draw-settings";
import { addOrCut } from "./drawing";
import type { Editor } from "./editor";
import { type Gesture, type GestureRunner, gesture, type PointerStep, WheelSteps } from "./gesture";
import { annotationAt } from "./hit";
import { StrokePicture } from "./stroke-picture";

/** How strongly what is painted is seen while it is. */
const OPACITY = 0.45;

/** Where the brush is, and what it would do. */
export interface BrushTip {
  readonly centre: Point;
  /** In pixels of the image. */
  readonly diameter: number;
  readonly isAdding: boolean;
}

/** The brush's diameter at a step: in whole pixels, at least one, and where it is wanted by a pen's pressure. */
function diameterAt({ drawing }: Editor, { pressure }: PointerStep): number {
  const diameter = drawing.diameter.get();
  return drawing.isByPressure.get() ? Math.max(1, Math.round(diameter * pressure)) : diameter;
}

export function tipAt(
  editor: Editor,
  point: Point,
  isAdding: boolean,
  diameter = editor.drawing.diameter.get(),
): BrushTip {
  return { centre: brushCentre(point, diameter), diameter, isAdding };
}

/** The selected annotation, or what is erased from when none is. */
function targetOf(editor: Editor, { point }: PointerStep, isAdding: boolean): Annotation | null {
  return (
    editor.selected() ?? (isAdding ? null : annotationAt(editor.visibleNear(point, 0), point, 0))
  );
}

/**
 * Paint with the brush, or erase: what the stroke covers is added to the selected annotation or taken from it, or becomes
 * a new one, which is then selected. With Shift a straight line leads from where the last stroke ended.
 */
export function* paint(editor: Editor, down: PointerStep, isAdding: boolean): Gesture {
  const target = targetOf(editor, down, isAdding);
  if (!target && !isAdding) return;
  const { image } = editor;
  const begun = target && new Begun(editor, target);
  const firstDiameter = diameterAt(editor, down);
  const { centre } = tipAt(editor, down.point, isAdding, firstDiameter);
  const category = target ? target.category_id : editor.activeCategory.get();
  const color = editor.colorOf(category ?? -1);
  const picture = new StrokePicture(color);
  const covered: Runs[] = [];
  let lastDiameter = firstDiameter;
  let last = (down.shift && editor.lastPainted) || centre;
  const stroke = (to: Point, diameter: number) => {
    const spans = strokeSpans(last, to, diameter / 2, image);
    picture.paint(spans);
    covered.push(spansToRuns(spans, image));
    last = to;
    lastDiameter = diameter;
    const stroked = {
      base: begun?.segmentation ?? null,
      picture,
      isAdding,
      color,
      opacity: OPACITY,
    };
    editor.draft.set({ kind: "stroke", id: target?.id ?? null, stroked });
    editor.tip.set(tipAt(editor, to, isAdding, diameter));
  };
  stroke(centre, firstDiameter);
  for (let step = yield; step.type !== "pointerup"; step = yield) {
    if (step.type !== "pointermove") continue;
    const diameter = diameterAt(editor, step);
    const to = brushCentre(step.point, diameter);
    const isElsewhere = to[0] !== last[0] || to[1] !== last[1];
    if (isElsewhere || diameter !== lastDiameter) stroke(to, diameter);
  }
  editor.lastPainted = last;
  editor.draft.set(null);
  const runs = runsUnion(covered);
  if (runs.changes.length === 0) return;
  const segmentation = encodeRLE(runs);
  if (begun) addOrCut(editor, begun, isAdding, segmentation, isAdding ? "Paint" : "Erase");
  else {
    const id = editor.create({ segmentation, source: "manual", score: null }, "Paint");
    if (id !== null && editor.annotations.get(id)) editor.select(id);
  }
}

export function resizeDiameter({ drawing }: Editor, step: 1 | -1): void {
  drawing.diameter.set(stepped(drawing.diameter.get(), step));
}

/** What the brush (`isAdding`) and the eraser do; Alt turns one into the other. */
export function paintInteractions(
  editor: Editor,
  isAdding: boolean,
): readonly (GestureRunner | WheelSteps)[] {
  const adds = ({ alt }: PointerStep) => isAdding !== alt;
  return [
    gesture((down) => paint(editor, down, adds(down)), {
      isFine: true,
      hover: (step) => editor.tip.set(tipAt(editor, step.point, adds(step))),
    }),
    new WheelSteps((step) => resizeDiameter(editor, step)),
  ];
}
