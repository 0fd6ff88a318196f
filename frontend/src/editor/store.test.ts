import { describe, expect, test } from "vitest";
import { seeded } from "../geometry/testing";
import { contentOf } from "./annotation";
import { AnnotationStore, type Change, type Replacement } from "./store";
import { content, serverAnnotation, square } from "./testing";

const at = (id: string, x: number, z_order: number) =>
  serverAnnotation(id, { segmentation: square(x, 0, 4), z_order });

const idsOf = (annotations: readonly { readonly id: string }[]) => annotations.map(({ id }) => id);

test("a change makes a new array and leaves the old one as it was", () => {
  const store = new AnnotationStore([at("a", 0, 1)]);
  const before = store.all();
  store.apply([{ id: "b", before: null, after: content({ z_order: 2 }) }]);
  expect(idsOf(before)).toEqual(["a"]);
  expect(idsOf(store.all())).toEqual(["a", "b"]);
});

test("who watches is told what was there and what is, before the others hear of it", () => {
  const store = new AnnotationStore([at("a", 0, 1)]);
  const heard: (readonly Replacement[] | string)[] = [];
  store.subscribe(() => heard.push("all"));
  const stop = store.watch((replacements) => heard.push(replacements));
  const before = store.get("a");
  store.replace("a", null);
  stop();
  store.replace("a", at("a", 0, 1));
  expect(heard).toEqual([[{ before, after: undefined }], "all", "all"]);
});

test("what moved is found where it is, and no longer where it was", () => {
  const store = new AnnotationStore([at("a", 0, 1), at("b", 50, 2)]);
  const before = contentOf(at("a", 0, 1));
  const after = { ...before, segmentation: square(90, 0, 4) };
  store.apply([{ id: "a", before, after }]);
  expect(idsOf(store.touching([0, 0, 10, 10]))).toEqual([]);
  expect(idsOf(store.touching([80, 0, 100, 10]))).toEqual(["a"]);
  expect(idsOf(store.touching([0, 0, 100, 10])).sort()).toEqual(["a", "b"]);
});

describe.each([1, 7, 300])("after changes of %d at once", (size) => {
  test("the order and the places are those of a store made anew", () => {
    const random = seeded(size);
    const pick = (below: number) => Math.floor(random() * below);
    const store = new AnnotationStore(
      Array.from({ length: 200 }, (_, i) => at(`id-${i}`, i, pick(20))),
    );
    for (let round = 0; round < 20; round++) {
      const changes = Array.from({ length: size }, (): Change => {
        const id = `id-${pick(300)}`;
        const after = content({ z_order: pick(20), segmentation: square(pick(500), 0, 4) });
        return { id, before: null, after: random() < 0.3 ? null : after };
      });
      store.apply(changes);
      const fresh = new AnnotationStore(store.all());
      expect(store.all()).toEqual(fresh.all());
      const box = [100, 0, 200, 10] as const;
      expect(idsOf(store.touching(box)).sort()).toEqual(idsOf(fresh.touching(box)).sort());
    }
  });
});
