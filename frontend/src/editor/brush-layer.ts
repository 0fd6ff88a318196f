import Feature from "ol/Feature";
import CircleGeometry from "ol/geom/Circle";
import PointGeometry from "ol/geom/Point";
import VectorLayer from "ol/layer/Vector";
import VectorSource from "ol/source/Vector";
import { toMap } from "./coordinates";
import type { Editor } from "./editor";
import { brushStyle, tipStyle } from "./mark-features";

/** The pointer while it marks. A layer of its own: it moves more often than a proposal should be drawn anew. */
export class BrushLayer {
  private readonly source = new VectorSource();
  readonly layer = new VectorLayer({ source: this.source, updateWhileInteracting: true });

  constructor(private readonly editor: Editor) {}

  /** @returns stops it */
  follow(): () => void {
    const { marking, settings, viewport, tip, drawing } = this.editor;
    const draw = () => {
      this.source.clear(true);
      this.addTip();
      const at = viewport.pointer.get() && marking.pointer.get();
      if (!at) return;
      const feature = new Feature(new PointGeometry(toMap(at.point)));
      feature.setStyle(brushStyle(at.label, settings.brush.get()));
      this.source.addFeature(feature);
    };
    const stops = [
      marking.pointer.subscribe(draw),
      settings.brush.subscribe(draw),
      tip.subscribe(draw),
      drawing.diameter.subscribe((diameter) => {
        const before = tip.get();
        if (before) tip.set({ ...before, diameter });
      }),
      viewport.pointer.subscribe((point) => point === null && draw()),
    ];
    return () => {
      for (const stop of stops) stop();
    };
  }

  /** The pixels that a press would paint or erase. */
  private addTip(): void {
    const tip = this.editor.viewport.pointer.get() && this.editor.tip.get();
    if (!tip) return;
    const ring = new Feature(new CircleGeometry(toMap(tip.centre), tip.diameter / 2));
    ring.setStyle(tipStyle(tip.isAdding));
    this.source.addFeature(ring);
  }
}
