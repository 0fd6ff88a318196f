import { beforeEach, describe, expect, test } from "vitest";
import type { BoxXYXY } from "../geometry/boxes";
import { seeded } from "../geometry/testing";
import { AnnotationPictures, type Screen } from "./annotation-pictures";
import { type Cell, keyOf, type Section, type TileGrid } from "./tile-grid";
import type { Easel } from "./tiled-picture";

const IMAGE = { width: 200, height: 150 };
/** Tiles of 16 pixels. */
const PIXEL_RATIO = 1 / 16;

interface Item {
  readonly id: number;
  readonly box: BoxXYXY;
}

interface Canvas {
  readonly side: number;
  /** What is drawn at each pixel, lowest first. */
  readonly pixels: string[];
}

function paintInto(
  pixels: string[],
  width: number,
  [x, y]: readonly [number, number],
  scale: number,
  items: readonly Item[],
  only: BoxXYXY,
): void {
  for (let row = only[1]; row < only[3]; row++) {
    for (let column = only[0]; column < only[2]; column++) {
      const [ix, iy] = [(x + column + 0.5) / scale, (y + row + 0.5) / scale];
      for (const { id, box } of items) {
        if (ix < box[0] || ix >= box[2] || iy < box[1] || iy >= box[3]) continue;
        pixels[row * width + column] += `${id} `;
      }
    }
  }
}

/** Draws boxes, each item over those before it, and takes a millisecond for each. */
class TestEasel implements Easel<Canvas, Item> {
  items: readonly Item[] = [];
  clock = 0;
  readonly lent = new Set<Canvas>();
  painted: { cell: string; items: number; pixels: BoxXYXY | null }[] = [];

  blank(side: number): Canvas {
    const canvas = { side, pixels: Array(side * side).fill("") };
    this.lent.add(canvas);
    return canvas;
  }

  giveBack(canvas: Canvas): void {
    expect(this.lent.delete(canvas)).toBe(true);
  }

  itemsIn([x0, y0, x1, y1]: BoxXYXY): readonly Item[] {
    return this.items.filter(
      ({ box }) => box[0] <= x1 && box[2] >= x0 && box[1] <= y1 && box[3] >= y0,
    );
  }

  paint(
    { side, pixels }: Canvas,
    grid: TileGrid,
    cell: Cell,
    items: readonly Item[],
    only: BoxXYXY | null,
  ): void {
    const [x0, y0, x1, y1] = only ?? [0, 0, side, side];
    for (let row = y0; only && row < y1; row++) pixels.fill("", row * side + x0, row * side + x1);
    paintInto(pixels, side, grid.cornerOf(cell), grid.scale, items, [x0, y0, x1, y1]);
    this.clock += items.length;
    this.painted.push({ cell: keyOf(cell), items: items.length, pixels: only });
  }

  settle(): void {}
}

class TestScreen implements Screen<Canvas> {
  readonly pixels: string[];
  copied = 0;
  stretched = 0;

  constructor(private readonly section: Section) {
    this.pixels = Array(section.width * section.height).fill("");
  }

  put(canvas: Canvas, [x0, y0, x1, y1]: BoxXYXY, isCopied: boolean): void {
    if (!isCopied) {
      this.stretched += 1;
      return;
    }
    this.copied += 1;
    expect([x1 - x0, y1 - y0]).toEqual([canvas.side, canvas.side]);
    const { width, height } = this.section;
    for (let row = Math.max(y0, 0); row < Math.min(y1, height); row++) {
      for (let column = Math.max(x0, 0); column < Math.min(x1, width); column++) {
        const from = (row - y0) * canvas.side + column - x0;
        this.pixels[row * width + column] = canvas.pixels[from] as string;
      }
    }
  }

  within(_: BoxXYXY, put: () => void): void {
    put();
  }
}

const section = (part: Partial<Section> = {}): Section => ({
  scale: 1,
  x: 20,
  y: 10,
  width: 50,
  height: 40,
  ...part,
});

let easel: TestEasel;
let pictures: AnnotationPictures<Canvas, Item>;

beforeEach(() => {
  easel = new TestEasel();
  pictures = new AnnotationPictures(IMAGE, easel, PIXEL_RATIO, () => easel.clock);
});

function scatter(count: number, random: () => number): Item[] {
  return Array.from({ length: count }, (_, id) => {
    const [x, y] = [random() * 190, random() * 140];
    return { id, box: [x, y, x + 2 + random() * 20, y + 2 + random() * 20] as const };
  });
}

function drawnOnce(at: Section): TestScreen & { more: boolean } {
  const screen = new TestScreen(at);
  const more = pictures.draw(at, screen);
  return Object.assign(screen, { more });
}

/** Frames until there is nothing more to do. */
function drawnAtRest(at: Section): TestScreen {
  for (let frame = 0; frame < 1000; frame++) {
    const screen = drawnOnce(at);
    if (!screen.more) return screen;
  }
  throw new Error("it never rests");
}

function uncached(at: Section): string[] {
  const pixels: string[] = Array(at.width * at.height).fill("");
  const whole = [0, 0, at.width, at.height] as const;
  paintInto(pixels, at.width, [at.x, at.y], at.scale, easel.items, whole);
  return pixels;
}

describe("at rest the screen shows what a drawing made at once would", () => {
  test.each([
    section(),
    section({ x: 20.3, y: 10.7 }),
    section({ scale: 0.37, x: -5, y: -5.5 }),
    section({ scale: 3.3, x: 200.1, y: 99 }),
  ])("at %o", (at) => {
    easel.items = scatter(150, seeded(1));
    expect(drawnAtRest(at).pixels).toEqual(uncached(at));
  });

  test("after any moves, zooms and changes", () => {
    const random = seeded(5);
    easel.items = scatter(150, random);
    let at = section();
    for (let round = 0; round < 80; round++) {
      const what = random();
      if (what < 0.3) at = { ...at, x: at.x + Math.round(random() * 30 - 15), y: at.y - 3 };
      else if (what < 0.45) at = { ...at, x: at.x + random() * 8, y: at.y + random() * 8 };
      else if (what < 0.6) at = section({ scale: 0.25 + random() * 2 });
      else if (what < 0.65) pictures.renew();
      else {
        const id = Math.floor(random() * 150);
        const [x, y] = [random() * 190, random() * 140];
        const box = [x, y, x + random() * 60, y + 5] as const;
        const before = easel.items.find((item) => item.id === id);
        easel.items = easel.items.map((item) => (item.id === id ? { id, box } : item));
        if (before) pictures.spoil(before.box);
        pictures.spoil(box);
      }
      if (random() < 0.5) drawnOnce(at);
      else expect(drawnAtRest(at).pixels).toEqual(uncached(at));
    }
  });
});

test("nothing is drawn anew when nothing changed, nor after a small step of whole pixels", () => {
  easel.items = scatter(150, seeded(2));
  drawnAtRest(section());
  easel.painted = [];
  drawnAtRest(section());
  const moved = drawnOnce(section({ x: 25, y: 14 }));
  expect(easel.painted).toEqual([]);
  expect(moved.pixels).toEqual(uncached(section({ x: 25, y: 14 })));
});

test("a change is seen in the next frame, and only pixels near it are drawn anew", () => {
  easel.items = scatter(150, seeded(3));
  drawnAtRest(section());
  easel.painted = [];
  const box = [36, 30, 39, 34] as const;
  easel.items = [...easel.items, { id: 999, box }];
  pictures.spoil(box);
  expect(drawnOnce(section()).pixels).toEqual(uncached(section()));
  const areas = easel.painted.map(({ pixels }) =>
    pixels ? (pixels[2] - pixels[0]) * (pixels[3] - pixels[1]) : Number.POSITIVE_INFINITY,
  );
  expect(areas.reduce((a, b) => a + b)).toBeLessThanOrEqual((3 + 2) * (4 + 2));
  expect(easel.painted.every(({ items }) => items < 30)).toBe(true);
});

test("while the view zooms, what there is is stretched, and the frame is soon over", () => {
  easel.items = scatter(2000, seeded(4));
  drawnAtRest(section());
  for (const scale of [1.02, 1.1, 1.3, 1.5, 1.8, 2.2]) {
    const before = easel.clock;
    const screen = drawnOnce(section({ scale, x: 20 * scale, y: 10 * scale }));
    expect(screen.stretched).toBeGreaterThan(0);
    expect(screen.more).toBe(true);
    expect(easel.clock - before).toBeLessThanOrEqual(4 + 60);
  }
});

test("after much changed, what was is seen until the new is there", () => {
  easel.items = scatter(2000, seeded(6));
  drawnAtRest(section());
  pictures.renew();
  const screen = drawnOnce(section());
  expect(screen.more).toBe(true);
  expect(screen.copied + screen.stretched).toBeGreaterThanOrEqual(12);
});

test("who goes back to the whole image finds it as it was", () => {
  const whole = section({ scale: 0.25, x: 0, y: 0 });
  easel.items = scatter(150, seeded(7));
  drawnAtRest(whole);
  drawnAtRest(section({ scale: 2, x: 80, y: 80 }));
  easel.painted = [];
  drawnAtRest(whole);
  expect(easel.painted).toEqual([]);
});

test("however the view moves, tiles stay few, and in the end all are given back", () => {
  const random = seeded(9);
  easel.items = scatter(60, random);
  for (let round = 0; round < 60; round++) {
    const at = section({ scale: 0.25 + 2 * random(), x: random() * 100, y: random() * 100 });
    if (random() < 0.5) drawnAtRest(at);
    else drawnOnce(at);
    expect(easel.lent.size).toBeLessThan(200);
  }
  pictures.drop();
  expect(easel.lent.size).toBe(0);
});

test("a view that moves on and on lets tiles go behind it", () => {
  easel.items = scatter(20, seeded(8));
  for (let step = 0; step < 300; step++) {
    const x = 350 * Math.abs(Math.sin(step / 40));
    drawnOnce(section({ scale: 2.25, x, y: step }));
    expect(easel.lent.size).toBeLessThan(100);
  }
});
