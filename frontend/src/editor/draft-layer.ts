import Feature from "ol/Feature";
import LineString from "ol/geom/LineString";
import MultiPoint from "ol/geom/MultiPoint";
import PointGeometry from "ol/geom/Point";
import VectorLayer from "ol/layer/Vector";
import VectorSource from "ol/source/Vector";
import { boxCorners } from "../geometry/boxes";
import type { Point } from "../geometry/points";
import { type Polygons, polygonsLength, vertexOf } from "../geometry/polygons";
import { ringFromPoints, vertexAt, vertexCount } from "../geometry/rings";
import { isPolygons, type Segmentation } from "./annotation";
import { ringToMap, toMap } from "./coordinates";
import type { Editor } from "./editor";
import { markFeature } from "./mark-features";
import { shownOf } from "./proposal";
import { reshapable } from "./reshapable";
import { outline, paintOf, polygonsFeature } from "./shapes";
import {
  annotationStyle,
  DRAFT_STYLE,
  GUIDE_STYLE,
  HANDLE_STYLE,
  HOT_HANDLE_STYLE,
  hoverStyle,
  OTHER_STYLE,
  PROMPT_STYLE,
  proposalStyle,
  SMALL_HANDLE_STYLE,
} from "./styles";

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

/** What is being worked on: drafts, the proposal, handles. */
export class DraftLayer {
  private readonly source = new VectorSource();
  readonly layer = new VectorLayer({
    source: this.source,
    updateWhileInteracting: true,
    updateWhileAnimating: true,
  });

  constructor(private readonly editor: Editor) {}

  /** @param replaced the annotation that a draft is drawn instead of */
  draw(replaced: string | null): void {
    const features = [
      ...this.hoverFeatures(replaced),
      ...this.changeFeatures(),
      ...this.proposalFeatures(),
      ...this.drawingFeatures(),
      ...this.hotVertexFeatures(),
    ];
    this.source.clear(true);
    this.source.addFeatures(features);
  }

  private hoverFeatures(replaced: string | null): Feature[] {
    const { editor } = this;
    const id = editor.hovered.get();
    const annotation = id === null ? undefined : editor.annotations.get(id);
    if (!annotation || id === replaced || editor.hidden.get().has(annotation.id)) return [];
    const hovered = polygonsFeature(outline(annotation.segmentation));
    const color = editor.colorOf(annotation.category_id);
    hovered.setStyle(hoverStyle(color, paintOf(annotation.segmentation, true)));
    return [hovered];
  }

  private changeFeatures(): Feature[] {
    const { editor } = this;
    const draft = editor.draft.get();
    const selected = editor.selected();
    const features: Feature[] = [];
    let shown: Segmentation | null = selected?.segmentation ?? null;
    if (draft?.kind === "change" && selected && draft.id === selected.id) {
      shown = draft.polygons;
      const changed = polygonsFeature(draft.polygons);
      changed.setStyle(
        annotationStyle(editor.colorOf(selected.category_id), {
          zIndex: 0,
          isSelected: true,
        }),
      );
      features.push(changed);
    }
    if (shown && selected && isPolygons(shown) && !editor.hidden.get().has(selected.id)) {
      features.push(...this.handles(shown));
    }
    return features;
  }

  private proposalFeatures(): Feature[] {
    const { proposals, awaitingCategory } = this.editor;
    const state = proposals.state.get();
    const ready = shownOf(state);
    const features: Feature[] = [];
    if (state?.kind === "running" && !ready && state.prompt.box) {
      const prompt = polygonsFeature([[ringFromPoints(boxCorners(state.prompt.box))]]);
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
    const segmentation = ready?.shown.segmentation ?? awaitingCategory.get()?.segmentation;
    if (segmentation) {
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
      features.push(line, ...this.handles([[ringFromPoints(draft.points)]]));
      if (draft.closes && draft.points[0]) features.push(this.hotHandle(draft.points[0]));
    }
    if (draft?.kind === "box") {
      const box = polygonsFeature([[ringFromPoints(boxCorners(draft.box))]]);
      box.setStyle(PROMPT_STYLE);
      features.push(box);
    }
    if (draft?.kind === "mark") features.push(markFeature(draft.mark));
    if (draft?.kind === "crosshair") {
      const [x, y] = draft.point;
      const { width, height } = this.editor.image;
      const guides: [Point, Point][] = [
        [
          [x, 0],
          [x, height],
        ],
        [
          [0, y],
          [width, y],
        ],
      ];
      for (const [a, b] of guides) {
        const guide = new Feature(new LineString([toMap(a), toMap(b)]));
        guide.setStyle(GUIDE_STYLE);
        features.push(guide);
      }
    }
    return features;
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
