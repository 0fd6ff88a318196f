import Feature from "ol/Feature";
import LineString from "ol/geom/LineString";
import MultiPoint from "ol/geom/MultiPoint";
import PointGeometry from "ol/geom/Point";
import VectorLayer from "ol/layer/Vector";
import VectorSource from "ol/source/Vector";
import Style from "ol/style/Style";
import { boxCorners } from "../geometry/boxes";
import type { Point } from "../geometry/points";
import { type Polygons, polygonsLength, vertexOf } from "../geometry/polygons";
import { ringFromPoints, vertexAt, vertexCount } from "../geometry/rings";
import { isPolygons, type Segmentation } from "./annotation";
import { ringToMap, toMap } from "./coordinates";
import type { Editor } from "./editor";
import { markFeature } from "./mark-features";
import { measureText } from "./measuring";
import { shownOf } from "./proposal";
import { reshapable } from "./reshapable";
import { outline, paintOf, polygonsFeature } from "./shapes";
import { type Stroked, strokeRenderer } from "./stroke-renderer";
import {
  annotationStyle,
  DRAFT_STYLE,
  HANDLE_STYLE,
  HOT_HANDLE_STYLE,
  hoverStyle,
  labelStyle,
  OTHER_STYLE,
  PROMPT_STYLE,
  proposalStyle,
  SMALL_HANDLE_STYLE,
} from "./styles";
import { transformFeatures } from "./transform-features";

/** Handles of more vertices than this are not drawn all at once; those near the pointer still answer. */
const MOST_HANDLES = 3000;
/** Handles nearer to one another than this, in screen pixels, are drawn small. */
const CROWDED = 14;

function allVertices(polygons: Polygons): Point[] {
  const points: Point[] = [];
  for (const ring of polygons.flat()) {
    for (let i = 0, n = vertexCount(ring); i < n; i++) points.push(vertexAt(ring, i));
  }
  return points;
}

function styled(segmentation: Segmentation, style: Style): Feature {
  const feature = polygonsFeature(outline(segmentation));
  feature.setStyle(style);
  return feature;
}

function shapeFeatures(polygons: Polygons): Feature[] {
  const fill = polygonsFeature(polygons);
  fill.setStyle(DRAFT_STYLE.fill);
  const line = polygonsFeature(polygons);
  line.setStyle(DRAFT_STYLE.line);
  return [fill, line];
}

/** A line that splits or measures, with its length where it is measured. */
function lineFeatures(points: readonly Point[], isMeasured: boolean): Feature[] {
  const line = new Feature(new LineString(points.map(toMap)));
  line.setStyle(DRAFT_STYLE.line);
  const [a, b] = [points[0], points.at(-1)];
  if (!isMeasured || !a || !b) return [line];
  const ends = new Feature(new MultiPoint([toMap(a), toMap(b)]));
  ends.setStyle(SMALL_HANDLE_STYLE);
  const label = new Feature(new PointGeometry(toMap([(a[0] + b[0]) / 2, (a[1] + b[1]) / 2])));
  label.setStyle(labelStyle(measureText(a, b)));
  return [line, ends, label];
}

/** What is being worked on: drafts, the proposal, handles. */
export class DraftLayer {
  private readonly source = new VectorSource();
  readonly layer = new VectorLayer({
    source: this.source,
    updateWhileInteracting: true,
    updateWhileAnimating: true,
  });

  constructor(private readonly editor: Editor) {}

  /** @param replaced the annotations that a draft is drawn instead of */
  draw(replaced: readonly string[]): void {
    const features = [
      ...this.hoverFeatures(replaced),
      ...this.otherFeatures(),
      ...this.disputeFeatures(),
      ...this.changeFeatures(),
      ...transformFeatures(this.editor),
      ...this.proposalFeatures(),
      ...this.drawingFeatures(),
      ...this.hotVertexFeatures(),
    ];
    this.source.clear(true);
    this.source.addFeatures(features);
  }

  private hoverFeatures(replaced: readonly string[]): Feature[] {
    const { editor } = this;
    const id = editor.hovered.get();
    const annotation = id === null ? undefined : editor.annotations.get(id);
    if (!annotation || replaced.includes(annotation.id) || editor.hidden.get().has(annotation.id))
      return [];
    const hovered = polygonsFeature(outline(annotation.segmentation));
    const color = editor.colorOf(annotation.category_id);
    hovered.setStyle(hoverStyle(color, paintOf(annotation.segmentation, true)));
    return [hovered];
  }

  private otherFeatures(): Feature[] {
    const { editor } = this;
    return editor.alsoSelected().map((annotation) => {
      const other = polygonsFeature(outline(annotation.segmentation));
      const color = editor.colorOf(annotation.category_id);
      other.setStyle(
        annotationStyle(
          color,
          { zIndex: 0, isSelected: true },
          paintOf(annotation.segmentation, true),
        ),
      );
      return other;
    });
  }

  /** Their version as a thin line over the user's own, as two proposals are compared. */
  private disputeFeatures(): Feature[] {
    const [dispute] = this.editor.disputes.open.get();
    if (!dispute) return [];
    const { annotations } = this.editor;
    const [mine, theirs] = [annotations.get(dispute.mine), annotations.get(dispute.theirs)];
    return [
      ...(mine ? [styled(mine.segmentation, proposalStyle(paintOf(mine.segmentation, true)))] : []),
      ...(theirs ? [styled(theirs.segmentation, OTHER_STYLE)] : []),
    ];
  }

  private changeFeatures(): Feature[] {
    const { editor } = this;
    const draft = editor.draft.get();
    const selected = editor.selected();
    const features: Feature[] = [];
    let shown: Segmentation | null = selected?.segmentation ?? null;
    if (draft?.kind === "change" && selected && draft.id === selected.id) {
      shown = draft.polygons;
      for (const { id, polygons } of [...(draft.also ?? []), draft]) {
        const changed = polygonsFeature(polygons);
        const category = editor.annotations.get(id)?.category_id ?? selected.category_id;
        const isSelected = id === selected.id;
        changed.setStyle(annotationStyle(editor.colorOf(category), { zIndex: 0, isSelected }));
        features.push(changed);
      }
    }
    if (shown && selected && isPolygons(shown) && !editor.hidden.get().has(selected.id)) {
      // A brush works on pixels: vertices would only be in its way.
      if (editor.tool.get().keepsSelection || editor.transform.get()) return features;
      if (editor.visibility.locked.get().has(selected.id)) return features;
      features.push(...this.handles(shown));
    }
    return features;
  }

  private proposalFeatures(): Feature[] {
    const { proposals, waiting } = this.editor;
    const state = proposals.state.get();
    const ready = shownOf(state);
    const features: Feature[] = [];
    const box = state?.kind === "running" ? state.prompt.box : null;
    // What is shown until the answer comes may be of another box.
    if (box && box !== ready?.prompt.box) {
      const prompt = polygonsFeature([[ringFromPoints(boxCorners(box))]]);
      prompt.setStyle(PROMPT_STYLE);
      features.push(prompt);
    }
    // Under the one shown: where both say the same, one line is enough.
    const compared = ready?.comparison?.other;
    if (compared) {
      const other = polygonsFeature(outline(compared.segmentation));
      other.setStyle(OTHER_STYLE);
      features.push(other);
    }
    const drafts = [...(ready ? [ready.shown] : []), ...waiting.outlines.get()];
    for (const { segmentation } of drafts) {
      const proposal = polygonsFeature(outline(segmentation));
      proposal.setStyle(proposalStyle(paintOf(segmentation, true)));
      features.push(proposal);
    }
    // Who compares looks at outlines; the vertices still answer.
    const target = ready && !compared ? reshapable(this.editor) : null;
    if (target) features.push(...this.handles(target.polygons));
    return [...features, ...(state?.prompt.marks ?? []).map(markFeature)];
  }

  private drawingFeatures(): Feature[] {
    const draft = this.editor.draft.get();
    const features: Feature[] = [];
    if (draft?.kind === "ring") {
      const points = draft.cursor ? [...draft.points, draft.cursor] : draft.points;
      const ring = ringFromPoints(points);
      if (points.length >= 3) {
        const fill = polygonsFeature([[ring]]);
        fill.setStyle(DRAFT_STYLE.fill);
        features.push(fill);
      }
      const line = new Feature(new LineString(ringToMap(ring).slice(0, points.length)));
      line.setStyle(DRAFT_STYLE.line);
      features.push(line, ...this.handles([[ringFromPoints(draft.handles ?? draft.points)]]));
      if (draft.closes && draft.points[0]) features.push(this.hotHandle(draft.points[0]));
    }
    if (draft?.kind === "box") {
      const box = polygonsFeature([[ringFromPoints(boxCorners(draft.box))]]);
      box.setStyle(PROMPT_STYLE);
      features.push(box);
    }
    if (draft?.kind === "mark") features.push(markFeature(draft.mark));
    if (draft?.kind === "shape") features.push(...shapeFeatures(draft.polygons));
    if (draft?.kind === "stroke") features.push(this.strokeFeature(draft.stroked));
    if (draft?.kind === "line") features.push(...lineFeatures(draft.points, draft.isMeasured));
    return features;
  }

  private strokeFeature(stroked: Stroked): Feature {
    const { image } = this.editor;
    const whole = boxCorners([0, 0, image.width, image.height]);
    const feature = polygonsFeature([[ringFromPoints(whole)]]);
    feature.setStyle(new Style({ renderer: strokeRenderer(image, stroked) }));
    return feature;
  }

  private hotVertexFeatures(): Feature[] {
    const hot = this.editor.hotVertex.get();
    if (!hot) return [];
    if (hot.kind === "place") return [this.hotHandle(hot.point)];
    const target = reshapable(this.editor);
    return target ? [this.hotHandle(vertexOf(target.polygons, hot.address))] : [];
  }

  private handles(polygons: Polygons): Feature[] {
    const points = allVertices(polygons);
    if (points.length > MOST_HANDLES) return [];
    const feature = new Feature(new MultiPoint(points.map(toMap)));
    const spacing = polygonsLength(polygons) / Math.max(points.length, 1);
    feature.setStyle((_, resolution) =>
      spacing / resolution < CROWDED ? SMALL_HANDLE_STYLE : HANDLE_STYLE,
    );
    return [feature];
  }

  private hotHandle(point: Point): Feature {
    const feature = new Feature(new PointGeometry(toMap(point)));
    feature.setStyle(HOT_HANDLE_STYLE);
    return feature;
  }
}
