import { Modal } from "@mantine/core";
import { tools } from "../../tools";
import { Keys } from "../shared/Keys";
import { commands } from "./commands";
import classes from "./ShortcutSheet.module.css";

const groups = [...new Set(commands.map(({ group }) => group))];

/** Commands that say the same, as the arrows and the digits do, share a line. */
function lines(group: string): [title: string, keys: readonly string[]][] {
  const found = new Map<string, string[]>();
  for (const { title, keys } of commands.filter((command) => command.group === group)) {
    found.set(title, [...(found.get(title) ?? []), ...keys]);
  }
  return [...found];
}

function KeyLine({ keys }: { keys: readonly string[] }) {
  const first = keys[0] ?? "";
  const afterModifier = first.lastIndexOf("+") + 1;
  const modifier = first.slice(0, afterModifier);
  if (modifier && keys.length > 2 && keys.every((key) => key.startsWith(modifier))) {
    const plain = keys.map((key) => key.slice(afterModifier));
    return [modifier.slice(0, -1), ...plain].map((key) => <Keys key={key} of={key} />);
  }
  if (keys.length > 4) {
    return (
      <>
        <Keys of={first} />…<Keys of={keys.at(-1) ?? ""} />
      </>
    );
  }
  return keys.map((key) => <Keys key={key} of={key} />);
}

/** Made from the commands and tools themselves, so it cannot be out of date. */
export function ShortcutSheet({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  return (
    <Modal opened={opened} onClose={onClose} title="Keyboard and mouse" size={880}>
      <div className={classes.sheet}>
        {groups.map((group) => (
          <section key={group}>
            <h3>{group}</h3>
            <dl>
              {lines(group).map(([title, keys]) => (
                <div key={title}>
                  <dt>{title}</dt>
                  <dd>
                    <KeyLine keys={keys} />
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
        {tools.map((tool) => (
          <section key={tool.id}>
            <h3>{tool.title} tool</h3>
            <dl>
              {tool.hints.map(({ keys, does }) => (
                <div key={keys}>
                  <dt>{does}</dt>
                  <dd>{keys}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Modal>
  );
}
