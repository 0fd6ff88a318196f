// @vitest-environment node
import { bench, describe } from "vitest";
import { maskToRuns, runsToMask, spansToMask } from "./mask";
import { runsToPolygons } from "./outline";
import { polygonsToMask, polygonsToRuns, polygonsToSpans } from "./raster";
import type { Ring } from "./rings";
import { decodeRLE, encodeRLE } from "./rle";
import { runsUnion } from "./runs";
import { spansArea, spansBbox } from "./spans";
import { noise, seeded } from "./testing";

// `npx vitest bench`: what a gesture costs, on an image of 100 megapixels.

const SIZE = { width: 10_000, height: 10_000 };
const random = seeded(1);

function star(x: number, y: number, radius: number, vertices: number): Ring {
  return Array.from({ length: vertices }, (_, i) => {
    const away = radius * (0.7 + 0.3 * random());
    const angle = (i / vertices) * 2 * Math.PI;
    return [x + away * Math.cos(angle), y + away * Math.sin(angle)];
  }).flat();
}

describe("a polygon of 100 vertices, 400 pixels across", () => {
  const polygons = [[star(5000, 5000, 200, 100)]];
  const moved = polygonsToRuns([[star(5100, 5000, 200, 100)]], SIZE);
  const runs = polygonsToRuns(polygons, SIZE);
  const spans = polygonsToSpans(polygons, SIZE);

  bench("area and box", () => {
    const found = polygonsToSpans(polygons, SIZE);
    spansArea(found);
    spansBbox(found);
  });
  bench("runs", () => {
    polygonsToRuns(polygons, SIZE);
  });
  bench("the string that is sent", () => {
    encodeRLE(polygonsToRuns(polygons, SIZE));
  });
  bench("mask of its box, of spans", () => {
    spansToMask(spans, spansBbox(spans));
  });
  bench("union with another", () => {
    runsUnion([runs, moved]);
  });
  bench("outline of its pixels", () => {
    runsToPolygons(runs);
  });
});

describe("1,000 such polygons", () => {
  const all = Array.from({ length: 1000 }, () => [
    [star(10_000 * random(), 10_000 * random(), 200, 100)],
  ]);
  const parts = all.flat();
  bench("runs of each", () => {
    for (const polygons of all) polygonsToRuns(polygons, SIZE);
  });
  bench("runs of all united", () => {
    polygonsToRuns(parts, SIZE);
  });
});

describe("a polygon of 1,000 vertices as large as the image", () => {
  const polygons = [[star(5000, 5000, 5000, 1000)]];
  const mask = polygonsToMask(polygons, SIZE);
  const runs = maskToRuns(mask);
  const rle = encodeRLE(runs);
  bench("runs", () => {
    polygonsToRuns(polygons, SIZE);
  });
  bench("mask", () => {
    polygonsToMask(polygons, SIZE);
  });
  bench("mask to runs", () => {
    maskToRuns(mask);
  });
  bench("runs to mask", () => {
    runsToMask(runs);
  });
  bench("runs of the string", () => {
    decodeRLE(rle);
  });
  bench("outline", () => {
    runsToPolygons(runs);
  });
});

describe("noise of one megapixel", () => {
  const mask = noise({ width: 1000, height: 1000 }, 0.5, random);
  const runs = maskToRuns(mask);
  bench("mask to runs", () => {
    maskToRuns(mask);
  });
  bench("outline", () => {
    runsToPolygons(runs);
  });
});
