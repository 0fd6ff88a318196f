import type { State } from "ol/render";
import type { BoxXYXY } from "../geometry/boxes";
import type { Polygons } from "../geometry/polygons";
import { thinRing } from "../geometry/thinning";
import { type Annotation, boxOf, type Segmentation } from "./annotation";
import { outline, paintOf } from "./shapes";
import { type AnnotationLook, inksOf } from "./styles";

/** How far a drawn outline may lie from the true one, in device pixels: less than can be seen. */
const TOLERANCE = 0.25;
/** From this many doublings on, outlines are drawn as they are. */
const CLOSE = 4;

interface Thinned {
  readonly octave: number;
  readonly parts: readonly Path2D[];
}

/** The outlines drawn last, at this doubling of scale and at the one before: who zooms to and fro finds both. */
const drawn = new WeakMap<Segmentation, readonly Thinned[]>();

function pathOf(rings: Polygons[number]): Path2D {
  const path = new Path2D();
  for (const ring of rings) {
    for (let i = 0; i + 1 < ring.length; i += 2) {
      const x = ring[i] as number;
      const y = ring[i + 1] as number;
      if (i === 0) path.moveTo(x, y);
      else path.lineTo(x, y);
    }
    path.closePath();
  }
  return path;
}

/** Parts as paths in the image's pixels, good for scales up to 2 ** octave. */
function partsOf(segmentation: Segmentation, octave: number): readonly Path2D[] {
  const known = drawn.get(segmentation) ?? [];
  const found = known.find((thinned) => thinned.octave === octave);
  if (found) return found.parts;
  const tolerance = TOLERANCE / 2 ** octave;
  const parts = outline(segmentation).map((part) =>
    pathOf(octave >= CLOSE ? part : part.map((ring) => thinRing(ring, tolerance))),
  );
  drawn.set(segmentation, [{ octave, parts }, ...known.slice(0, 1)]);
  return parts;
}

/** Where a canvas lies over the image: (x, y) device pixels from its corner, `scale` of them a pixel. */
export interface Placement {
  readonly scale: number;
  readonly x: number;
  readonly y: number;
  readonly pixelRatio: number;
}

export interface Visible {
  readonly annotation: Annotation;
  readonly look: AnnotationLook;
}

function paintPicture(
  context: CanvasRenderingContext2D,
  { annotation, look }: Visible,
  { scale, x, y, pixelRatio }: Placement,
): boolean {
  const paint = paintOf(annotation.segmentation, look.isSelected);
  if (!paint) return false;
  const { opacity, lines } = inksOf(look);
  const [x0, y0, x1, y1]: BoxXYXY = boxOf(annotation);
  const corners = [
    [x0, y0],
    [x1, y0],
    [x1, y1],
    [x0, y1],
  ].map(([cx = 0, cy = 0]) => [cx * scale - x, cy * scale - y]);
  context.setTransform(1, 0, 0, 1, 0, 0);
  paint(look.color, opacity, lines)([[corners]] as never, { context, pixelRatio } as State);
  return true;
}

/** Draw annotations in the order given, as `annotationStyle` has them: even–odd within a part, each part on its own. */
export function paintAnnotations(
  context: CanvasRenderingContext2D,
  visible: readonly Visible[],
  placement: Placement,
): void {
  const { scale, x, y, pixelRatio } = placement;
  const octave = Math.min(Math.ceil(Math.log2(scale)), CLOSE);
  context.save();
  context.lineJoin = "round";
  context.lineCap = "round";
  for (const one of visible) {
    if (paintPicture(context, one, placement)) continue;
    const { fill, lines } = inksOf(one.look);
    context.setTransform(scale, 0, 0, scale, -x, -y);
    context.fillStyle = fill;
    for (const path of partsOf(one.annotation.segmentation, octave)) {
      context.fill(path, "evenodd");
      for (const { color, width } of lines) {
        context.strokeStyle = color;
        context.lineWidth = (width * pixelRatio) / scale;
        context.stroke(path);
      }
    }
  }
  context.restore();
}
