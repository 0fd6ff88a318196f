import { QueryClient } from "@tanstack/react-query";
import { expect, test } from "vitest";
import type { StateSetting } from "../../editor/state-journal";
import { keys } from "../queries";
import { conflictWords, showStored } from "./states";

test("a state that was stored is shown in the image and in every list at once", () => {
  const client = new QueryClient();
  const [list, strip, named] = [
    [...keys.images(1), {}],
    [...keys.images(1), "around", 7],
    [...keys.images(1), "named", "a"],
  ];
  const images = [
    { id: 6, state: "new" },
    { id: 7, state: "new" },
  ];
  client.setQueryData(keys.image(7), images[1]);
  client.setQueryData(keys.image(6), images[0]);
  client.setQueryData(list, { pages: [{ items: images, next: null }], pageParams: [null] });
  client.setQueryData(strip, { pages: [{ items: images, isFirst: true }], pageParams: [null] });
  client.setQueryData(named, { items: images });

  showStored(client, { image_id: 7, project_id: 1, state: "done" });
  const shown = [
    { id: 6, state: "new" },
    { id: 7, state: "done" },
  ];
  expect(client.getQueryData(keys.image(7))).toEqual(shown[1]);
  expect(client.getQueryData(keys.image(6))).toEqual(shown[0]);
  expect(client.getQueryData(list)).toEqual({
    pages: [{ items: shown, next: null }],
    pageParams: [null],
  });
  expect(client.getQueryData(strip)).toMatchObject({ pages: [{ items: shown, isFirst: true }] });
  // What is not shown at once is asked for again.
  for (const key of [keys.image(7), list, strip, named]) {
    expect(client.getQueryState(key)?.isInvalidated).toBe(true);
  }
});

test("who lost to somebody else's state is told of which image, and both states", () => {
  const setting: StateSetting = {
    image_id: 7,
    project_id: 1,
    image_name: "street.png",
    state: "done",
    was: ["new"],
    setting_id: "a",
  };
  expect(conflictWords(setting, "in_progress")).toEqual({
    title: "Somebody else set street.png to “In progress”",
    message: "It was not set to “Done”.",
  });
});
