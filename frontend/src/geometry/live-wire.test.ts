import { describe, expect, test } from "vitest";
import { EdgeMap, type Pixels } from "./edges";
import { LiveWire } from "./live-wire";

function picture(width: number, height: number, levelAt: (x: number, y: number) => number): Pixels {
  const data = new Uint8ClampedArray(4 * width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const level = levelAt(x + 0.5, y + 0.5);
      data.set([level, level, level, 255], 4 * (y * width + x));
    }
  }
  return { width, height, data };
}

/** A small generator of numbers from 0 to 1, the same in every run. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

const placesOf = (map: EdgeMap, from: [number, number], to: [number, number]) => {
  const place = ([x, y]: [number, number]) => y * map.width + x;
  return new LiveWire(map, place(from))
    .wayTo(place(to))
    .map((at) => [at % map.width, Math.floor(at / map.width)] as const);
};

describe("the cost of a corner", () => {
  const step = new EdgeMap(picture(20, 10, (x) => (x < 7 ? 40 : 200)));

  test("is least where two pixels differ, at the border between them", () => {
    const costs = Array.from({ length: step.width }, (_, column) => step.costAt(column, 5));
    expect(costs.indexOf(Math.min(...costs))).toBe(7);
    expect(costs.filter((cost) => cost === costs[7])).toHaveLength(1);
    expect(costs[15]).toBe(49);
    expect(step.steepnessAt(7, 5)).toBe(160);
  });

  test("knows an edge between colours of one lightness", () => {
    const colours = picture(20, 10, () => 0);
    for (let at = 0; at < 200; at++) {
      colours.data.set(at % 20 < 7 ? [120, 0, 0] : [0, 120, 0], 4 * at);
    }
    expect(new EdgeMap(colours).steepnessAt(7, 5)).toBe(120);
  });

  test("is that of an even picture where there is only noise", () => {
    const random = numbers(3);
    const noise = new EdgeMap(picture(30, 30, () => 100 + 2 * random()));
    const corners = Array.from({ length: 20 }, (_, i) => noise.costAt(5 + i, 15));
    expect(new Set(corners)).toEqual(new Set([49]));
  });
});

describe("a live-wire", () => {
  test("goes along an edge rather than straight through", () => {
    // A square notch: the straight way would cross it.
    const map = new EdgeMap(
      picture(60, 40, (x, y) => (y < 20 || (x > 20 && x < 40 && y < 32) ? 40 : 200)),
    );
    const way = placesOf(map, [5, 20], [55, 20]);
    expect(Math.max(...way.map(([, y]) => y))).toBe(32);
    for (const [x, y] of way) expect(map.steepnessAt(x, y)).toBeGreaterThan(20);
  });

  test.each([0, 25])(
    "stays within a pixel and a half of a circle in noise of %i levels",
    (most) => {
      const random = numbers(1);
      const map = new EdgeMap(
        picture(120, 120, (x, y) => {
          const level = Math.hypot(x - 60, y - 60) < 40 ? 90 : 160;
          return level + most * (random() - 0.5);
        }),
      );
      const way = placesOf(map, [20, 60], [100, 60]);
      expect(way.length).toBeGreaterThan(80);
      for (const [x, y] of way) expect(Math.abs(Math.hypot(x - 60, y - 60) - 40)).toBeLessThan(1.5);
    },
  );

  test("finds the cheapest ways, as the plain algorithm does", () => {
    const random = numbers(7);
    const map = new EdgeMap(picture(24, 18, () => 255 * random()));
    const { width, height } = map;
    const cost = (at: number) => map.costAt(at % width, Math.floor(at / width));
    const length = (a: number, b: number) =>
      Math.abs(a - b) === 1 || Math.abs(a - b) === width ? 5 : 7;
    // Bellman and Ford: relax every step until nothing gets cheaper.
    const start = 5 * width + 3;
    const far = new Array<number>(width * height).fill(Number.POSITIVE_INFINITY);
    far[start] = 0;
    for (let changed = true; changed; ) {
      changed = false;
      for (let at = 0; at < far.length; at++) {
        for (const dy of [-1, 0, 1]) {
          for (const dx of [-1, 0, 1]) {
            const [x, y] = [(at % width) + dx, Math.floor(at / width) + dy];
            const next = y * width + x;
            if (x < 0 || y < 0 || x >= width || y >= height || next === at) continue;
            const sum = (far[at] as number) + length(at, next) * cost(next);
            if (sum < (far[next] as number)) [far[next], changed] = [sum, true];
          }
        }
      }
    }
    const wire = new LiveWire(map, start);
    for (const end of [0, width - 1, 9 * width + 20, far.length - 1]) {
      const way = wire.wayTo(end);
      const sum = way
        .slice(1)
        .reduce((total, at, i) => total + length(way[i] as number, at) * cost(at), 0);
      expect([way[0], way.at(-1), sum]).toEqual([start, end, far[end]]);
    }
  });

  test("that has nowhere to go is its start", () => {
    const map = new EdgeMap(picture(4, 4, () => 0));
    expect(placesOf(map, [2, 2], [2, 2])).toEqual([[2, 2]]);
  });
});
