import type { Category } from "../../editor/annotation";
import { type Command, makeCommands } from "../../editor/commands";
import { isKeyMap, type KeyMap, withKeys } from "../../editor/key-map";
import { withKeyWords } from "../../editor/key-words";
import { Signal } from "../../editor/signal";
import { tools } from "../../tools";
import { isMac } from "../shared/mac";
import { persisted } from "../shared/persisted";

/** The commands with the keys they come with. */
export const originals = makeCommands(tools);

/** The keys that the user changed. */
export const keyMap = persisted<KeyMap>("segmentarium.keys", {}, isKeyMap);

/** The commands with the keys they have for this user: what the keyboard, tooltips, sheet and palette read. */
export const commands = new Signal<readonly Command[]>(withKeys(originals, keyMap.get()));
keyMap.subscribe((map) => commands.set(withKeys(originals, map)));

/** Words with the keys of the commands that they name, as `withKeyWords` says. */
export function inWords(words: string): string | null {
  return withKeyWords(words, commands.get(), isMac);
}

/** The key that picks a category, as it is shown; null when there is none. */
export function hotkeyOf({ hotkey }: Pick<Category, "hotkey">): string | null {
  return hotkey === null ? null : inWords(`{category-${hotkey}}`);
}

/** The first key of a command, for its tooltip; the editor's page is rendered anew when keys change. */
export function keyFor(id: string): string {
  return commands.get().find((command) => command.id === id)?.keys[0] ?? "";
}
