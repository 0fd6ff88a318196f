import { type Command, makeCommands } from "../../editor/commands";
import { isKeyMap, type KeyMap, withKeys } from "../../editor/key-map";
import { Signal } from "../../editor/signal";
import { tools } from "../../tools";
import { persisted } from "../shared/persisted";

/** The commands with the keys they come with. */
export const originals = makeCommands(tools);

/** The keys that the user changed. */
export const keyMap = persisted<KeyMap>("segmentarium.keys", {}, isKeyMap);

/** The commands with the keys they have for this user: what the keyboard, tooltips, sheet and palette read. */
export const commands = new Signal<readonly Command[]>(withKeys(originals, keyMap.get()));
keyMap.subscribe((map) => commands.set(withKeys(originals, map)));

/** The first key of a command, for its tooltip; the editor's page is rendered anew when keys change. */
export function keyFor(id: string): string {
  return commands.get().find((command) => command.id === id)?.keys[0] ?? "";
}
