import { expect, test } from "vitest";
import type { LoggedEdit } from "../../editor/past";
import { content, square } from "../../editor/testing";
import { tell } from "./deeds";

const categories = [
  { id: 1, name: "cat", color: "#ff6b6b", hotkey: "1", isthing: true },
  { id: 2, name: "cup", color: "#4c8dff", hotkey: "2", isthing: true },
];

function edit(part: Partial<LoggedEdit>): LoggedEdit {
  return {
    id: 1,
    annotation_id: "a",
    op: "update",
    revision: 2,
    user: "anna",
    at: "2026-03-02T09:00:00Z",
    before: content(),
    after: content(),
    ...part,
  };
}

function told(...edits: LoggedEdit[]) {
  return tell(
    { id: 1, user: "anna", at: "2026-03-02T09:00:00Z", edits },
    categories,
    (name) => `${name}!`,
  );
}

test.each<[string, Partial<LoggedEdit>]>([
  ["Drew cat", { op: "create", revision: 1, before: null }],
  ["Brought back cat", { op: "create", revision: 3, before: null }],
  ["Deleted cat", { op: "delete", after: null }],
  ["cat → cup", { after: content({ category_id: 2 }) }],
  ["Reshaped cat", { after: content({ segmentation: square(1, 1, 4) }) }],
  ["Reordered cat", { after: content({ z_order: 9 }) }],
  [
    "Drew a category that is gone",
    { op: "create", revision: 1, after: content({ category_id: 3 }) },
  ],
])("an edit is told as %s", (title, part) => {
  expect(told(edit(part)).title).toBe(title);
});

test("an accepted proposal names its engine", () => {
  const drawn = { op: "create", revision: 1, before: null } as const;
  expect(told(edit({ ...drawn, after: content({ source: "grabcut" }) })).note).toBe("grabcut!");
  expect(told(edit(drawn)).note).toBe("");
});

test("many edits at once are counted", () => {
  const drawn = edit({ op: "create", revision: 1, before: null });
  const deleted = edit({ op: "delete", after: null });
  expect(told(drawn, drawn, deleted)).toEqual({
    title: "2 drawn, 1 deleted",
    note: "cat",
    color: "#ff6b6b",
  });
});
