import { Button, Modal } from "@mantine/core";
import { IconArrowLeft, IconKeyboard } from "@tabler/icons-react";
import { useState } from "react";
import type { Command } from "../../editor/commands";
import { tools } from "../../tools";
import { Keys } from "../shared/Keys";
import { useSignal } from "../shared/useSignal";
import { commands, inWords } from "./commands";
import { KeyMapEditor } from "./KeyMapEditor";
import classes from "./ShortcutSheet.module.css";

/** Commands that say the same, as the arrows and the digits do, share a line. */
function lines(commands: readonly Command[]): [title: string, keys: readonly string[]][] {
  const found = new Map<string, string[]>();
  for (const { title, keys } of commands) {
    found.set(title, [...(found.get(title) ?? []), ...keys]);
  }
  return [...found].filter(([, keys]) => keys.length > 0);
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

function Sheet() {
  const all = useSignal(commands);
  const groups = [...new Set(all.map(({ group }) => group))];
  return (
    <div className={classes.sheet}>
      {groups.map((group) => (
        <section key={group}>
          <h3>{group}</h3>
          <dl>
            {lines(all.filter((command) => command.group === group)).map(([title, keys]) => (
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
            {tool.hints.map(({ keys, does }) => {
              const words = inWords(keys);
              return words ? (
                <div key={keys}>
                  <dt>{does}</dt>
                  <dd>{words}</dd>
                </div>
              ) : null;
            })}
          </dl>
        </section>
      ))}
    </div>
  );
}

/** Made from the commands and tools themselves, so it cannot be out of date; the commands' keys can be changed in it. */
export function ShortcutSheet({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const [isChanging, setIsChanging] = useState(false);
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      onExitTransitionEnd={() => setIsChanging(false)}
      title={
        <span className={classes.head}>
          {isChanging ? "Keys of your own" : "Keyboard and mouse"}
          <Button
            size="compact-xs"
            variant="default"
            leftSection={isChanging ? <IconArrowLeft size={13} /> : <IconKeyboard size={13} />}
            onClick={() => setIsChanging(!isChanging)}
          >
            {isChanging ? "Back to the sheet" : "Change keys"}
          </Button>
        </span>
      }
      size={880}
    >
      {isChanging ? <KeyMapEditor /> : <Sheet />}
    </Modal>
  );
}
