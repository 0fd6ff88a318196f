import { expect, test } from "vitest";
import type { Image } from "../../api/client";
import {
  type ImageLists,
  imagesAfter,
  imagesAround,
  imagesBefore,
  STRIP_PAGE,
  type StripPage,
} from "./strip";

/** A project of images with these ids. */
function project(ids: readonly number[]) {
  const asked: string[] = [];
  const lists: ImageLists = {
    list: async (after, limit) => {
      asked.push(`after ${after}`);
      const found = ids.filter((id) => id > after);
      const items = found.slice(0, limit).map((id) => ({ id }) as Image);
      return { items, next: found.length > limit ? (items.at(-1)?.id ?? null) : null };
    },
    previousOf: async (imageId) => {
      asked.push(`before ${imageId}`);
      return ids.filter((id) => id < imageId).at(-1) ?? null;
    },
  };
  return { lists, asked };
}

const idsOf = ({ items }: StripPage) => items.map(({ id }) => id);
const count = (from: number, to: number, step = 1) =>
  Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, i) => from + i * step);

test("the open image is shown with those before and after it", async () => {
  const { lists } = project(count(1, 1000));
  const page = await imagesAround(lists, 500);
  expect(idsOf(page)).toEqual(count(500 - STRIP_PAGE / 2, 499 + STRIP_PAGE / 2));
  expect(page).toMatchObject({ isFirst: false, next: 499 + STRIP_PAGE / 2 });
});

test("what comes before the first ids is known to be nothing without asking", async () => {
  const { lists, asked } = project(count(1, 20));
  expect(await imagesBefore(lists, 10)).toMatchObject({ isFirst: true });
  expect(asked).toEqual(["after 0"]);
});

test.each([
  ["one after the other", count(1, 700)],
  ["each with others between", count(3, 4000, 7)],
  ["far apart", count(100, 9000, 300)],
  ["in bursts", [...count(1, 100), ...count(5000, 5003), 5200, ...count(9000, 9150)]],
])("walking back and forth shows every image once: ids %s", async (_, ids) => {
  const { lists } = project(ids);
  const open = ids[Math.floor(ids.length * 0.7)] as number;
  let pages = [await imagesAround(lists, open)];
  for (let first = pages[0]; first && !first.isFirst; first = pages[0]) {
    pages = [await imagesBefore(lists, first.items[0]?.id as number), ...pages];
  }
  for (let last = pages.at(-1); last?.next != null; last = pages.at(-1)) {
    pages.push(await imagesAfter(lists, last.next));
  }
  expect(pages.flatMap(idsOf)).toEqual(ids);
});

test("a page before can be followed by what comes after it", async () => {
  const { lists } = project([...count(1, 5), 500, ...count(900, 1000)]);
  const page = await imagesBefore(lists, 900);
  expect(idsOf(page)).toEqual([500]);
  expect(idsOf(await imagesAfter(lists, page.next ?? 0))[0]).toBe(900);
});
