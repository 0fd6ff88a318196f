import Feature from "ol/Feature";
import LineString from "ol/geom/LineString";
import MultiPoint from "ol/geom/MultiPoint";
import PointGeometry from "ol/geom/Point";
import type BaseLayer from "ol/layer/Base";
import ImageLayer from "ol/layer/Image";
import VectorLayer from "ol/layer/Vector";
import ImageStatic from "ol/source/ImageStatic";
import VectorSource from "ol/source/Vector";
import { boxCorners } from "../geometry/boxes";
import type { Point, Size } from "../geometry/points";
import { type Polygons, polygonsLength, vertexOf } from "../geometry/polygons";
import { ringFromPoints, vertexAt, vertexCount } from "../geometry/rings";
import { type Annotation, boxOf, isPolygons, type Segmentation } from "./annotation";
import { imageExtent, polygonsToMap, ringToMap, toMap } from "./coordinates";
import type { Editor } from "./editor";
import { maskRenderer } from "./mask-renderer";
import { isRough, outlineOf } from "./masks";
import {
  annotationStyle,
  DRAFT_STYLE,
  GUIDE_STYLE,
  HANDLE_STYLE,
  HOT_HANDLE_STYLE,
  hoverStyle,
  type Paint,
  PROMPT_STYLE,
  PROPOSAL_STYLE,
  SMALL_HANDLE_STYLE,
} from "./styles";

/** Handles of more vertices than this are not drawn all at once; those near the pointer still answer. */
const MOST_HANDLES = 3000;
/** Handles nearer to one another than this, in screen pixels, are drawn small. */
const CROWDED = 14;

function imageLayers(url: string, size: Size): BaseLayer[] {
  const options = { url, imageExtent: imageExtent(size) };
  return [
    // Smooth when a screen pixel holds more than one image pixel, crisp squares when it holds less.
    new ImageLayer({
      source: new ImageStatic({ ...options, interpolate: true }),
      minResolution: 1,
    }),
    new ImageLayer({
      source: new ImageStatic({ ...options, interpolate: false }),
      maxResolution: 1,
    }),
  ];
}

function outline(annotation: Annotation): Polygons {
  const { segmentation } = annotation;
  if (isPolygons(segmentation)) return segmentation;
  return isRough(segmentation)
    ? [[ringFromPoints(boxCorners(boxOf(annotation)))]]
    : [outlineOf(segmentation)];
}

/** What has too many corners is shown as a picture, with lines round its box only when it is pointed out. */
function paintOf(annotation: Annotation, isPointedOut: boolean): Paint | undefined {
  const { segmentation } = annotation;
  if (isPolygons(segmentation) || !isRough(segmentation)) return undefined;
  return (color, opacity, lines) =>
    maskRenderer(segmentation, boxOf(annotation), color, opacity, isPointedOut ? lines : []);
}

function polygonsFeature(polygons: Polygons): Feature {
  return new Feature(polygonsToMap(polygons));
}

function allVertices(polygons: Polygons): Point[] {
  const points: Point[] = [];
  for (const ring of polygons.flat()) {
    for (let i = 0, n = vertexCount(ring); i < n; i++) points.push(vertexAt(ring, i));
  }
  return points;
}

/** What is drawn: the image, its annotations, and over them what is being worked on. */
export class Layers {
  readonly all: readonly BaseLayer[];
  private readonly annotations = new VectorSource();
  private readonly drafts = new VectorSource();
  private readonly drawn = new Map<string, Annotation>();
  private readonly stops: (() => void)[] = [];
  private readonly annotationLayer: VectorLayer;
  /** The annotation that a draft is drawn instead of. */
  private replaced: string | null = null;

  constructor(
    private readonly editor: Editor,
    imageUrl: string,
    size: Size,
  ) {
    this.annotationLayer = new VectorLayer({
      source: this.annotations,
      style: (feature) => this.styleOf(String(feature.getId())),
      updateWhileInteracting: true,
      updateWhileAnimating: true,
    });
    const draftLayer = new VectorLayer({
      source: this.drafts,
      updateWhileInteracting: true,
      updateWhileAnimating: true,
    });
    this.all = [...imageLayers(imageUrl, size), this.annotationLayer, draftLayer];
  }

  /** Follow the editor's state. */
  start(): void {
    const { editor } = this;
    const restyle = () => this.annotationLayer.changed();
    const redraft = () => this.drawDrafts();
    this.stops.push(
      editor.annotations.subscribe(() => {
        this.syncAnnotations();
        redraft();
      }),
      editor.categories.subscribe(restyle),
      editor.hidden.subscribe(() => {
        restyle();
        redraft();
      }),
      // The hovered one is drawn once more over the others: to style a thousand anew at each move is slow.
      editor.hovered.subscribe(redraft),
      editor.selection.subscribe(() => {
        restyle();
        redraft();
      }),
      editor.draft.subscribe((draft) => {
        const replaced = draft?.kind === "change" ? draft.id : null;
        if (replaced !== this.replaced) {
          this.replaced = replaced;
          restyle();
        }
        redraft();
      }),
      editor.proposals.state.subscribe(redraft),
      editor.hotVertex.subscribe(redraft),
      editor.awaitingCategory.subscribe(redraft),
    );
    this.syncAnnotations();
  }

  stop(): void {
    for (const stop of this.stops.splice(0)) stop();
  }

  private syncAnnotations(): void {
    const all = this.editor.annotations.all();
    const present = new Set(all.map((annotation) => annotation.id));
    for (const id of this.drawn.keys()) {
      if (present.has(id)) continue;
      const feature = this.annotations.getFeatureById(id);
      if (feature) this.annotations.removeFeature(feature);
      this.drawn.delete(id);
    }
    for (const annotation of all) {
      const before = this.drawn.get(annotation.id);
      if (before === annotation) continue;
      this.drawn.set(annotation.id, annotation);
      const feature = this.annotations.getFeatureById(annotation.id);
      const geometry = polygonsToMap(outline(annotation));
      if (feature) feature.setGeometry(geometry);
      else {
        const fresh = new Feature(geometry);
        fresh.setId(annotation.id);
        this.annotations.addFeature(fresh);
      }
    }
  }

  private styleOf(id: string) {
    const { editor } = this;
    const annotation = editor.annotations.get(id);
    if (!annotation || editor.hidden.get().has(id) || id === this.replaced) return [];
    const isSelected = editor.selection.get() === id;
    return annotationStyle(
      editor.colorOf(annotation.category_id),
      { zIndex: annotation.z_order, isSelected },
      paintOf(annotation, isSelected),
    );
  }

  private drawDrafts(): void {
    const features = [
      ...this.hoverFeatures(),
      ...this.changeFeatures(),
      ...this.proposalFeatures(),
      ...this.drawingFeatures(),
      ...this.hotVertexFeatures(),
    ];
    this.drafts.clear(true);
    this.drafts.addFeatures(features);
  }

  private hoverFeatures(): Feature[] {
    const { editor } = this;
    const id = editor.hovered.get();
    const annotation = id === null ? undefined : editor.annotations.get(id);
    if (!annotation || id === this.replaced || editor.hidden.get().has(annotation.id)) return [];
    const hovered = polygonsFeature(outline(annotation));
    const color = editor.colorOf(annotation.category_id);
    hovered.setStyle(hoverStyle(color, paintOf(annotation, true)));
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
    const state = this.editor.proposals.state.get();
    const awaiting = this.editor.awaitingCategory.get();
    const polygons = state?.kind === "ready" ? state.polygons : awaiting ? awaiting.polygons : null;
    const features: Feature[] = [];
    if (state?.kind === "running") {
      const prompt = polygonsFeature([[ringFromPoints(boxCorners(state.box))]]);
      prompt.setStyle(PROMPT_STYLE);
      features.push(prompt);
    }
    if (polygons) {
      const proposal = polygonsFeature(polygons);
      proposal.setStyle(PROPOSAL_STYLE);
      features.push(proposal);
      if (state?.kind === "ready") features.push(...this.handles(polygons));
    }
    return features;
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
    const polygons = this.editor.editablePolygons();
    return polygons ? [this.hotHandle(vertexOf(polygons, hot.address))] : [];
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
