import { makeCommands } from "../../editor/commands";
import { tools } from "../../tools";

export const commands = makeCommands(tools);

/** The first key of a command, for its tooltip. */
export function keyFor(id: string): string {
  return commands.find((command) => command.id === id)?.keys[0] ?? "";
}
