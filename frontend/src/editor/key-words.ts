import type { Command } from "./commands";
import { keyCaps } from "./keyboard";

const NAMED = /\{([a-z0-9-]+)\}/g;

/**
 * Words in which commands stand by their ids, "{accept} accepts · {escape} drops", with the keys that the commands have.
 * A part whose command has no key is left out; null when nothing is left.
 */
export function withKeyWords(
  words: string,
  commands: readonly Command[],
  isMac = false,
): string | null {
  const parts = words.split(" · ").flatMap((part) => {
    let isWhole = true;
    const said = part.replace(NAMED, (_, id: string) => {
      const key = commands.find((command) => command.id === id)?.keys[0];
      if (!key) isWhole = false;
      return key ? keyCaps(key, isMac).join("+") : "";
    });
    return isWhole ? [said] : [];
  });
  return parts.length > 0 ? parts.join(" · ") : null;
}
