import { describe, expect, test } from "vitest";
import { makeCommands } from "../../editor/commands";
import { tools } from "../../tools";
import { search } from "./search";

const commands = makeCommands(tools);

function found(query: string, recent: readonly string[] = []): string[] {
  return search(commands, query, recent).map(({ id }) => id);
}

describe("a search of the commands", () => {
  test.each([
    ["zoom in", "zoom-in"],
    ["in zoom", "zoom-in"],
    ["ZO OUT", "zoom-out"],
    ["nxt im", "next-image"],
    ["shortc", "help"],
    ["undo", "undo"],
    ["thinner", "thinner"],
    ["poly", "tool-polygon"],
  ])("finds by %s first %s", (query, id) => {
    expect(found(query)[0]).toBe(id);
  });

  test("wants every word", () => {
    expect(found("zoom banana")).toEqual([]);
  });

  test("of those that fit as well puts the one used last first", () => {
    expect(found("zoom").slice(0, 2)).toEqual(["zoom-in", "zoom-out"]);
    expect(found("zoom", ["fit", "zoom-out"]).slice(0, 2)).toEqual(["zoom-out", "zoom-in"]);
  });

  test("does not take letters strewn over a text for a word", () => {
    expect(found("sweep")).toEqual([]);
  });
});

test("words that are not shown find too, after the title's own", () => {
  const entries = [
    { id: "a", title: "Fit the image", words: "zoom" },
    { id: "b", title: "Zoom in" },
  ];
  expect(search(entries, "zoom").map(({ id }) => id)).toEqual(["b", "a"]);
});
