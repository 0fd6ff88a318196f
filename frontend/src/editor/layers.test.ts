import VectorLayer from "ol/layer/Vector";
import { expect, test } from "vitest";
import { tools } from "../tools";
import { AnnotationLayer } from "./annotation-layer";
import { Layers } from "./layers";
import { serverAnnotation, testEditor } from "./testing";

test("what has no owner is marked under the annotations, over the whole image, in the segment maps only", () => {
  const { editor } = testEditor(tools, [serverAnnotation("a")]);
  const layers = new Layers(editor, "/image", editor.image);
  layers.start();
  const [, marked, annotations] = layers.all;
  if (!(marked instanceof VectorLayer)) throw new Error("There is no layer of the void.");
  // The annotations, which are opaque in a segment map, lie right over it.
  expect(annotations).toBeInstanceOf(AnnotationLayer);
  const [feature, ...others] = marked.getSource()?.getFeatures() ?? [];
  expect(others).toEqual([]);
  // A corner may be at a minus zero.
  const extent: number[] = feature?.getGeometry()?.getExtent() ?? [];
  expect(extent.map((value) => value + 0)).toEqual([0, -80, 100, 0]);
  const seen = (["annotations", "semantic", "instance", "panoptic", "annotations"] as const).map(
    (view) => {
      editor.view.set(view);
      return marked.getVisible();
    },
  );
  expect(seen).toEqual([false, true, true, true, false]);
  layers.stop();
});
