// @vitest-environment node
import { bench, describe } from "vitest";
import { seeded } from "../geometry/testing";
import type { Annotation } from "./annotation";
import { measured } from "./annotation";
import { CoverageCount } from "./coverage";
import { AnnotationStore } from "./store";
import { content } from "./testing";

// `npx vitest bench`: what the panel of the segment map costs while it is open.

const SIZE = { width: 8192, height: 8192 };
const random = seeded(5);

function round(x: number, y: number): number[] {
  const radius = 24 + 48 * random();
  return Array.from({ length: 100 }, (_, i) => {
    const angle = (i / 100) * 2 * Math.PI;
    const away = radius * (0.9 + 0.1 * random());
    return [x + away * Math.cos(angle), y + away * Math.sin(angle)];
  }).flat();
}

describe("2,000 polygons of 100 vertices on 8192 × 8192", () => {
  const place = () => 80 + random() * (SIZE.width - 160);
  const annotations = Array.from({ length: 2000 }, (_, i): Annotation => {
    const segmentation = [[round(place(), place())]];
    return measured(`${i}`, content({ segmentation, z_order: i }), undefined);
  });
  const store = new AnnotationStore(annotations);
  const count = new CoverageCount(store, SIZE);
  count.now();

  bench("counted whole", () => {
    const whole = new CoverageCount(store, SIZE);
    whole.now();
    whole.stop();
  });
  bench("counted again after one was reshaped", () => {
    const one = store.all()[Math.floor(random() * 2000)] as Annotation;
    const [x = 0, y = 0] = one.bbox_xywh;
    store.apply([
      { id: one.id, before: one, after: { ...one, segmentation: [[round(x + 60, y + 60)]] } },
    ]);
    count.now();
  });
});
