import { describe, expect, test } from "vitest";
import type { Gap } from "../geometry/gaps";
import { runsToPolygons } from "../geometry/outline";
import { polygonsBox } from "../geometry/polygons";
import { polygonsToSpans } from "../geometry/raster";
import { encodeRLE } from "../geometry/rle";
import { runsArea, runsBbox, runsDifference, runsIntersection, runsUnion } from "../geometry/runs";
import { spansArea } from "../geometry/spans";
import { seeded } from "../geometry/testing";
import type { AnnotationContent, Segmentation } from "./annotation";
import { segmentationRuns } from "./combine";
import { CoverageCount, type Overlap } from "./coverage";
import { AnnotationStore, type Change } from "./store";
import { content } from "./testing";

// Neither side a multiple of the columns that are counted together.
const SIZE = { width: 151, height: 60 };

/** Whole numbers below a limit, the same at every run. */
function random(seed: number) {
  const next = seeded(seed);
  return (below: number) => Math.floor(next() * below);
}

type Below = ReturnType<typeof random>;

/** Vertices on whole pixels and between them, rings that cross themselves, some with a hole, some as masks. */
function shape(below: Below): Segmentation {
  const side = 4 + below(40);
  const [x, y] = [below(SIZE.width - 4), below(SIZE.height - 4)];
  const ring = Array.from({ length: 3 + below(4) }, () => [
    Math.min(x + below(2 * side) / 2, SIZE.width),
    Math.min(y + below(2 * side) / 2, SIZE.height),
  ]).flat();
  // Between two vertices each, and so within the box of the outer ring.
  const hole = ring.map((value, i) => (value + (ring[(i + 2) % ring.length] as number)) / 2);
  const polygons = [below(3) === 0 ? [ring, hole] : [ring]];
  const runs = segmentationRuns(polygons, SIZE);
  return below(3) === 0 && runs.changes.length > 0 ? encodeRLE(runs) : polygons;
}

function drawn(below: Below): AnnotationContent {
  return content({ segmentation: shape(below), z_order: below(5), iscrowd: below(6) === 0 });
}

/** One of what people do: draw, delete, reshape, raise, make a crowd; sometimes two at once. */
function someChanges(store: AnnotationStore, below: Below, number: number): Change[] {
  const all = store.all();
  const one = all[below(all.length)];
  const two = all[below(all.length)];
  const fresh: Change = { id: `new ${number}`, before: null, after: drawn(below) };
  if (!one || !two) return [fresh];
  const changed = (part: Partial<AnnotationContent>): Change => ({
    id: one.id,
    before: one,
    after: { ...one, ...part },
  });
  const gone: Change = { id: two.id, before: two, after: null };
  const what: Change[][] = [
    [fresh],
    [fresh],
    [fresh],
    [fresh],
    [gone],
    [changed({ segmentation: shape(below) })],
    [changed({ z_order: below(5) })],
    [changed({ iscrowd: !one.iscrowd })],
    [fresh, ...(one.id === two.id ? [] : [gone])],
  ];
  return what[below(what.length)] as Change[];
}

/** Counted whole, and in another way: gaps by their outlines, filled again. */
function counted(store: AnnotationStore): { overlaps: Overlap[]; gaps: Gap[]; unowned: number } {
  const all = store
    .all()
    .map((one) => ({ ...one, runs: segmentationRuns(one.segmentation, SIZE) }));
  const changes = Float64Array.of(0, SIZE.width * SIZE.height);
  const whole = { ...SIZE, changes };
  const free =
    all.length > 0 ? runsDifference(whole, runsUnion(all.map(({ runs }) => runs))) : whole;
  const gaps = runsToPolygons(free).map((part) => ({
    area: spansArea(polygonsToSpans([part], SIZE)),
    box: polygonsBox([part]),
  }));
  const own = all.filter(({ iscrowd }) => !iscrowd);
  const overlaps = own.flatMap((upper, i) =>
    own.slice(0, i).flatMap((lower): Overlap[] => {
      const shared = runsIntersection([lower.runs, upper.runs]);
      const [x, y, w, h] = runsBbox(shared);
      const area = runsArea(shared);
      return area === 0
        ? []
        : [{ lower: lower.id, upper: upper.id, area, box: [x, y, x + w, y + h] }];
    }),
  );
  return { overlaps, gaps, unowned: runsArea(free) };
}

const bySize = (a: Gap, b: Gap) =>
  a.area - b.area ||
  a.box[1] - b.box[1] ||
  a.box[0] - b.box[0] ||
  a.box[3] - b.box[3] ||
  a.box[2] - b.box[2];

describe("counted anew where something changed", () => {
  test.each([1, 2, 3, 4])("is what is counted whole, edit after edit (%i)", (seed) => {
    const below = random(seed);
    const store = new AnnotationStore();
    const count = new CoverageCount(store, SIZE);
    const most = { overlaps: 0, gaps: 0 };
    for (let number = 0; number < 120; number += 1) {
      store.apply(someChanges(store, below, number));
      if (below(4) === 0) continue; // several edits while the hand did not rest
      const found = count.now();
      const expected = counted(store);
      expect(found.unowned).toBe(expected.unowned);
      expect(found.gaps).toEqual(expected.gaps.sort(bySize));
      // Those of one area stand by z-order, as they are found.
      expect(found.overlaps).toEqual(expected.overlaps.sort((a, b) => b.area - a.area));
      most.overlaps = Math.max(most.overlaps, found.overlaps.length);
      most.gaps = Math.max(most.gaps, found.gaps.length);
    }
    expect(most.overlaps).toBeGreaterThan(5);
    expect(most.gaps).toBeGreaterThan(5);
  });

  test("is what another count finds that begins now", () => {
    const below = random(9);
    const store = new AnnotationStore();
    const count = new CoverageCount(store, SIZE);
    for (let number = 0; number < 60; number += 1) {
      store.apply(someChanges(store, below, number));
      expect(count.now()).toEqual(new CoverageCount(store, SIZE).now());
    }
  });

  test("is followed no more when it is stopped", () => {
    const store = new AnnotationStore();
    const count = new CoverageCount(store, SIZE);
    count.now();
    count.stop();
    store.apply([{ id: "a", before: null, after: content() }]);
    expect(count.now().unowned).toBe(SIZE.width * SIZE.height);
  });
});
