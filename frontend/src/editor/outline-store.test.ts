import { expect, test } from "vitest";
import { tools } from "../tools";
import type { ServerAnnotation } from "./annotation";
import { drawSettings } from "./draw-settings";
import type { EditorOptions } from "./options";
import { OutlineStore, openOutlineStore, takeUpOutlines } from "./outline-store";
import { serverAnnotation, square, testEditor } from "./testing";

const IMAGE = 7;
const NONE = { categories: [], activeCategory: null };

let count = 0;
const name = () => `outlines ${count++}`;

/** Open the image on a page of its own. */
async function visit(
  database: string,
  part: Partial<EditorOptions>,
  annotations: readonly ServerAnnotation[] = [],
) {
  const store = await openOutlineStore(database);
  const made = testEditor(tools, annotations, part);
  takeUpOutlines(made.editor, await store.of(IMAGE), store);
  const draw = (x: number) =>
    made.editor.create({ segmentation: square(x, 0, 4), source: "manual", score: null }, "Draw");
  const waiting = () => made.editor.waiting.outlines.get().map(({ segmentation }) => segmentation);
  return { ...made, store, draw, waiting };
}

test("outlines drawn before there is a category wait again after a reload, until one is named", async () => {
  const database = name();
  const first = await visit(database, NONE);
  for (const x of [10, 20]) first.draw(x);
  await first.store.settled();

  const second = await visit(database, NONE);
  expect(second.waiting()).toEqual([square(10, 0, 4), square(20, 0, 4)]);
  expect(await second.store.of(IMAGE + 1)).toEqual([]);
  second.editor.waiting.give(3);
  expect(second.editor.annotations.all().map(({ category_id }) => category_id)).toEqual([3, 3]);
  await second.store.settled();
  expect((await visit(database, NONE)).waiting()).toEqual([]);
});

test("they become annotations, once, where a category was made meanwhile", async () => {
  const database = name();
  const first = await visit(database, NONE);
  first.draw(10);
  await first.store.settled();
  const second = await visit(database, {});
  expect(second.editor.annotations.all()).toMatchObject([
    { category_id: 1, segmentation: square(10, 0, 4) },
  ]);
  await second.store.settled();
  expect((await visit(database, {})).editor.annotations.all()).toEqual([]);
});

test("they are asked for again where there were categories, but none in hand", async () => {
  const database = name();
  const first = await visit(database, { activeCategory: null });
  first.draw(10);
  await first.store.settled();
  const second = await visit(database, {});
  expect(second.editor.annotations.all()).toEqual([]);
  expect(second.waiting()).toEqual([square(10, 0, 4)]);
  second.editor.waiting.give(2);
  expect(second.editor.annotations.all()).toMatchObject([{ category_id: 2 }]);
});

test("who may only view leaves them where they are", async () => {
  const database = name();
  const first = await visit(database, NONE);
  first.draw(10);
  await first.store.settled();
  await visit(database, { isReadOnly: true });
  expect((await visit(database, NONE)).waiting()).toHaveLength(1);
});

test("a browser that keeps nothing on disk has them until the page is closed, and says so", async () => {
  const store = new OutlineStore(null);
  const { editor } = testEditor(tools, [], NONE);
  takeUpOutlines(editor, [], store);
  editor.create({ segmentation: square(0, 0, 4), source: "manual", score: null }, "Draw");
  await store.settled();
  expect([store.isAnyUnkept, (await store.of(IMAGE)).length]).toEqual([true, 1]);
  editor.waiting.give(3);
  expect(store.isAnyUnkept).toBe(false);
});

test("each tab keeps its own, and leaves those of the others", async () => {
  const database = name();
  const [a, b] = [await visit(database, NONE), await visit(database, NONE)];
  a.draw(10);
  b.draw(20);
  await Promise.all([a.store.settled(), b.store.settled()]);
  const c = await visit(database, NONE);
  expect(c.waiting()).toHaveLength(2);
  a.editor.waiting.give(3);
  await a.store.settled();
  b.draw(30);
  await b.store.settled();
  const later = await visit(database, NONE);
  expect(later.waiting()).toEqual([square(20, 0, 4), square(30, 0, 4)]);
});

test("an outline that two tabs give a category is one annotation", async () => {
  const database = name();
  const a = await visit(database, NONE);
  a.draw(10);
  await a.store.settled();
  const b = await visit(database, NONE);
  for (const { editor } of [a, b]) editor.waiting.give(3);
  const ids = [a, b].map(({ editor }) => editor.annotations.all().map(({ id }) => id));
  expect(ids[0]).toEqual(ids[1]);
});

test("what may not be drawn when the image is opened waits on", async () => {
  const database = name();
  const first = await visit(database, NONE);
  first.draw(10);
  await first.store.settled();
  const drawing = drawSettings();
  drawing.isUnderneath.set(true);
  const taken = serverAnnotation("a", { segmentation: square(0, 0, 40) });
  const second = await visit(database, { drawing }, [taken]);
  expect(second.waiting()).toEqual([square(10, 0, 4)]);
  await second.store.settled();
  expect((await visit(database, NONE)).waiting()).toHaveLength(1);
});
