import type { Command } from "./commands";

/** The keys that a person gave to commands, by the commands' ids; a command that is not here has the keys it came with. */
export type KeyMap = Readonly<Record<string, readonly string[]>>;

/**
 * The commands with the keys of a map. A key that somebody gave away is taken from the command that came with it, so no
 * key ever means two commands, also when a later version brings a command with a key that is in use.
 */
export function withKeys(commands: readonly Command[], map: KeyMap): Command[] {
  const given = new Set(commands.flatMap(({ id }) => map[id] ?? []));
  return commands.map((command) => {
    const keys = map[command.id] ?? command.keys.filter((key) => !given.has(key));
    return { ...command, keys };
  });
}

/**
 * A map in which the command has this key as well, and no other command has it.
 *
 * @param commands as they came, with the keys they came with
 */
export function withKey(
  commands: readonly Command[],
  map: KeyMap,
  id: string,
  key: string,
): KeyMap {
  const next: Record<string, readonly string[]> = {};
  for (const [owner, keys] of Object.entries(map)) {
    next[owner] = keys.filter((one) => one !== key);
  }
  const now = withKeys(commands, map).find((command) => command.id === id)?.keys ?? [];
  next[id] = [...now.filter((one) => one !== key), key];
  return tidied(commands, next);
}

/** A map in which the command does not have this key. */
export function withoutKey(
  commands: readonly Command[],
  map: KeyMap,
  id: string,
  key: string,
): KeyMap {
  const now = withKeys(commands, map).find((command) => command.id === id)?.keys ?? [];
  return tidied(commands, { ...map, [id]: now.filter((one) => one !== key) });
}

/** A map in which the command has the keys it came with, as far as no other command was given them. */
export function withoutCommand(map: KeyMap, id: string): KeyMap {
  return Object.fromEntries(Object.entries(map).filter(([owner]) => owner !== id));
}

function tidied(commands: readonly Command[], map: KeyMap): KeyMap {
  return Object.fromEntries(
    Object.entries(map).filter(([id, keys]) => {
      const own = commands.find((command) => command.id === id)?.keys;
      return own?.join(" ") !== keys.join(" ");
    }),
  );
}

const BROWSERS = ["Mod+W", "Mod+T", "Mod+N", "Mod+Q", "Mod+Shift+W", "Mod+Shift+N", "Mod+Shift+T"];

/** Why a key cannot be given to a command; null when it can. */
export function refusalOf(key: string): string | null {
  if (key === "Space") return "Space held down moves the view in every tool.";
  if (/(^|\+)Tab$/.test(key)) return "Tab goes from field to field.";
  if (key === "Escape") return "Esc stops whatever is under way, also this.";
  if (BROWSERS.includes(key)) return "The browser keeps this key to itself.";
  return null;
}

export function isKeyMap(value: unknown): value is KeyMap {
  return (
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    Object.values(value).every(
      (keys) => Array.isArray(keys) && keys.every((key) => typeof key === "string"),
    )
  );
}
