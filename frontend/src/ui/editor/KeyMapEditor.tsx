import { Button, TextInput } from "@mantine/core";
import { IconPlus, IconRotate, IconSearch, IconX } from "@tabler/icons-react";
import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import type { Command } from "../../editor/commands";
import { refusalOf, withKey, withoutCommand, withoutKey } from "../../editor/key-map";
import { commandFor, keyCaps, keyOf } from "../../editor/keyboard";
import { Keys } from "../shared/Keys";
import { useSignal } from "../shared/useSignal";
import { commands, keyMap, originals } from "./commands";
import classes from "./KeyMapEditor.module.css";
import { search } from "./search";

const MODIFIERS = ["Control", "Shift", "Alt", "Meta", "AltGraph", "CapsLock", "Dead"];

/** Commands of one title, as those of the arrows, are told apart by the key they came with. */
function titleOf({ id, title }: Command): string {
  const isShared = originals.some((other) => other.title === title && other.id !== id);
  const key = originals.find((other) => other.id === id)?.keys[0] ?? "";
  return isShared ? `${title} (${keyCaps(key).join("+")})` : title;
}

/** Waits for the key to give; the key itself is only told, not obeyed. */
function Catch({ onKey, onStop }: { onKey: (key: string) => void; onStop: () => void }) {
  const ref = useRef<HTMLButtonElement>(null);
  useEffect(() => ref.current?.focus(), []);
  const press = (event: KeyboardEvent) => {
    event.preventDefault();
    event.stopPropagation();
    if (event.key === "Escape") onStop();
    else if (!MODIFIERS.includes(event.key)) onKey(keyOf(event.nativeEvent));
  };
  return (
    <button
      ref={ref}
      type="button"
      className={classes.catch}
      // Esc must not close the sheet.
      data-mantine-stop-propagation="true"
      onKeyDown={press}
      onBlur={onStop}
    >
      Press a key…
    </button>
  );
}

interface RowProps {
  readonly command: Command;
  readonly isChanged: boolean;
}

function Row({ command, isChanged }: RowProps) {
  const { id, keys } = command;
  const [isCatching, setIsCatching] = useState(false);
  const [refused, setRefused] = useState<string | null>(null);
  const [taken, setTaken] = useState<{ key: string; by: Command } | null>(null);
  const name = titleOf(command);
  const give = (key: string) => {
    keyMap.set(withKey(originals, keyMap.get(), id, key));
    setTaken(null);
  };
  const pick = (key: string) => {
    setIsCatching(false);
    const refusal = refusalOf(key);
    const owner = commandFor(commands.get(), key);
    setRefused(refusal);
    setTaken(null);
    if (refusal) return;
    if (owner && owner.id !== id) setTaken({ key, by: owner });
    else give(key);
  };
  return (
    <li className={classes.row} data-testid="key-row" data-changed={isChanged}>
      <span className={classes.title}>{name}</span>
      <span className={classes.keys}>
        {keys.length === 0 && !isCatching && <span className={classes.none}>no key</span>}
        {keys.map((key) => (
          <span key={key} className={classes.key}>
            <Keys of={key} />
            <button
              type="button"
              className={classes.take}
              aria-label={`Take ${keyCaps(key).join("+")} from “${name}”`}
              onClick={() => keyMap.set(withoutKey(originals, keyMap.get(), id, key))}
            >
              <IconX size={11} stroke={2} />
            </button>
          </span>
        ))}
        {isCatching ? (
          <Catch onKey={pick} onStop={() => setIsCatching(false)} />
        ) : (
          <button
            type="button"
            className={classes.small}
            aria-label={`Add a key to “${name}”`}
            onClick={() => {
              setRefused(null);
              setTaken(null);
              setIsCatching(true);
            }}
          >
            <IconPlus size={13} />
          </button>
        )}
        <button
          type="button"
          className={classes.small}
          data-none={!isChanged}
          disabled={!isChanged}
          aria-label={`Reset the keys of “${name}”`}
          onClick={() => keyMap.set(withoutCommand(keyMap.get(), id))}
        >
          <IconRotate size={13} />
        </button>
      </span>
      {refused && (
        <p className={classes.told} role="alert">
          {refused}
        </p>
      )}
      {taken && (
        <p className={classes.told} role="alert">
          <span>
            <Keys of={taken.key} /> is the key of “{titleOf(taken.by)}”.
          </span>
          <Button size="compact-xs" onClick={() => give(taken.key)}>
            Use it here
          </Button>
          <Button size="compact-xs" variant="default" onClick={() => setTaken(null)}>
            Leave it there
          </Button>
        </p>
      )}
    </li>
  );
}

/** Every command with its keys, to be changed. */
export function KeyMapEditor() {
  const [query, setQuery] = useState("");
  const all = useSignal(commands);
  const map = useSignal(keyMap);
  const shown = query.trim() ? search(all, query) : all;
  const groups = [...new Set(shown.map(({ group }) => group))];
  const changes = originals.filter(({ id }) => map[id]).length;
  return (
    <div className={classes.editor}>
      <div className={classes.bar}>
        <TextInput
          aria-label="Search the commands"
          placeholder="Search the commands"
          leftSection={<IconSearch size={14} />}
          value={query}
          onChange={(event) => setQuery(event.currentTarget.value)}
          w={260}
        />
        <span className={classes.note}>Kept in this browser.</span>
        <Button
          variant="default"
          leftSection={<IconRotate size={14} />}
          disabled={changes === 0}
          onClick={() => keyMap.set({})}
        >
          Reset all
        </Button>
      </div>
      {groups.map((group) => (
        <section key={group}>
          <h3>{group}</h3>
          <ul>
            {shown
              .filter((command) => command.group === group)
              .map((command) => (
                <Row key={command.id} command={command} isChanged={map[command.id] !== undefined} />
              ))}
          </ul>
        </section>
      ))}
      {shown.length === 0 && <p className={classes.note}>No command is called so.</p>}
    </div>
  );
}
