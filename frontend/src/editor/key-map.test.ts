import { describe, expect, test } from "vitest";
import { tools } from "../tools";
import { makeCommands } from "./commands";
import {
  isKeyMap,
  type KeyMap,
  refusalOf,
  withKey,
  withKeys,
  withoutCommand,
  withoutKey,
} from "./key-map";
import { commandFor } from "./keyboard";

const commands = makeCommands(tools);

function keysOf(map: KeyMap, id: string): readonly string[] | undefined {
  return withKeys(commands, map).find((command) => command.id === id)?.keys;
}

function meaningOf(map: KeyMap, key: string): string | undefined {
  return commandFor(withKeys(commands, map), key)?.id;
}

test("an empty map leaves every command the keys it came with", () => {
  expect(withKeys(commands, {})).toEqual(commands);
});

describe("a key given to a command", () => {
  const map = withKey(commands, {}, "undo", "U");

  test("is one more of its keys", () => {
    expect(keysOf(map, "undo")).toEqual(["Mod+Z", "U"]);
    expect(meaningOf(map, "U")).toBe("undo");
  });

  test("can be taken away again, and nothing of it is left in the map", () => {
    expect(withoutKey(commands, map, "undo", "U")).toEqual({});
  });
});

describe("a key that another command came with", () => {
  const map = withKey(commands, {}, "undo", "F");

  test("means only the command it was given to", () => {
    expect(meaningOf(map, "F")).toBe("undo");
    expect(keysOf(map, "fit")).toEqual(["0"]);
  });

  test("goes back when that command is reset", () => {
    expect(meaningOf(withoutCommand(map, "undo"), "F")).toBe("fit");
  });

  test("can be given on, and then means only the last", () => {
    const passed = withKey(commands, map, "redo", "F");
    expect(meaningOf(passed, "F")).toBe("redo");
    expect(keysOf(passed, "undo")).toEqual(["Mod+Z"]);
    expect(keysOf(passed, "fit")).toEqual(["0"]);
  });

  test("can be given back to it by hand", () => {
    expect(withKey(commands, map, "fit", "F").undo).toBeUndefined();
    expect(meaningOf(withKey(commands, map, "fit", "F"), "F")).toBe("fit");
  });
});

test("whatever is given to whom, no key means two commands", () => {
  let map: KeyMap = {};
  const ids = commands.map(({ id }) => id);
  const keys = commands.flatMap((command) => command.keys);
  for (const [index, key] of keys.entries()) {
    const id = ids[(index * 7 + 3) % ids.length] ?? "";
    map = index % 5 === 4 ? withoutKey(commands, map, id, key) : withKey(commands, map, id, key);
    const all = withKeys(commands, map).flatMap((command) => command.keys);
    expect(all).toEqual([...new Set(all)]);
  }
});

test("a command without any key stays without", () => {
  const map = withoutKey(commands, {}, "thinner", "[");
  expect(keysOf(map, "thinner")).toEqual([]);
  expect(meaningOf(map, "[")).toBeUndefined();
});

test.each(["Space", "Tab", "Shift+Tab", "Escape", "Mod+W"])("%s cannot be given away", (key) => {
  expect(refusalOf(key)).not.toBeNull();
});

test.each(["K", "Mod+Z", "Shift+Enter", "ArrowUp"])("%s can be given to any command", (key) => {
  expect(refusalOf(key)).toBeNull();
});

test("what another version stored is told from a map", () => {
  expect(isKeyMap({ undo: ["U"], fit: [] })).toBe(true);
  for (const other of [null, [], "undo", { undo: "U" }, { undo: [1] }]) {
    expect(isKeyMap(other)).toBe(false);
  }
});
