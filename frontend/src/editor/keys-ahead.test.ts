import { expect, test } from "vitest";
import { tools } from "../tools";
import { makeCommands, type PageActions } from "./commands";
import { commandFor } from "./keyboard";
import { KeysAhead } from "./keys-ahead";

const commands = makeCommands(tools);

/** Six images in a row, of which the first is being left. */
function pressed(...keys: string[]) {
  const ahead = new KeysAhead();
  for (const key of keys) {
    const command = commandFor(commands, key);
    if (command) ahead.keep(command);
  }
  const at = { image: 2, isLeaving: false };
  const go = (image: number) => {
    if (image < 1 || image > 6) return;
    at.image = image;
    at.isLeaving = true;
  };
  const page = {
    nextImage: () => go(at.image + 1),
    previousImage: () => go(at.image - 1),
  } as PageActions;
  const arrive = () => {
    at.isLeaving = false;
    ahead.goOn(page, () => at.isLeaving);
    return at.image;
  };
  return { ahead, arrive };
}

test("next and previous are done one image after the other, as often as they were pressed", () => {
  const { arrive } = pressed(".", "PageDown", ",", ".");
  expect([1, 2, 3, 4, 5].map(arrive)).toEqual([3, 4, 3, 4, 4]);
});

test("what goes beyond the last image is not kept for later", () => {
  const { arrive } = pressed(".", ".", ".", ".", ".", ".", ",");
  expect([1, 2, 3, 4, 5, 6].map(arrive)).toEqual([3, 4, 5, 6, 5, 5]);
});

test("the last of the tools is taken up, once", () => {
  const { ahead } = pressed("B", "P");
  expect(ahead.takeTool()?.id).toBe("tool-polygon");
  expect(ahead.takeTool()).toBeNull();
});

test("no key that could change an annotation waits for an image that nobody has seen", () => {
  const kept = commands.filter(({ move, isTool }) => move || isTool).map(({ id }) => id);
  expect(kept.sort()).toEqual(
    ["next-image", "previous-image", ...tools.map(({ id }) => `tool-${id}`)].sort(),
  );
});
