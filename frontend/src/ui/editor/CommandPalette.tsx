import { Modal } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import {
  type KeyboardEvent,
  type ReactNode,
  useEffect,
  useId,
  useLayoutEffect,
  useRef,
  useState,
} from "react";
import type { PageActions, PaletteList } from "../../editor/commands";
import { Keys } from "../shared/Keys";
import classes from "./CommandPalette.module.css";
import { type PaletteEntry, usePaletteEntries } from "./usePaletteEntries";

const WORDS: Readonly<Record<PaletteList, { placeholder: string; none: string }>> = {
  commands: { placeholder: "What do you want to do?", none: "No command is called so." },
  images: { placeholder: "Go to the image named…", none: "No image of this project is named so." },
  categories: { placeholder: "Pick the category…", none: "No category is named so." },
  tools: { placeholder: "Take the tool…", none: "No tool is called so." },
};

function Option(props: {
  entry: PaletteEntry;
  id: string;
  isActive: boolean;
  onPoint: () => void;
  onChoose: () => void;
}) {
  const { entry, id, isActive, onPoint, onChoose } = props;
  const ref = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (isActive) ref.current?.scrollIntoView({ block: "nearest" });
  }, [isActive]);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are those of the search field, which keeps the focus
    <div
      ref={ref}
      id={id}
      role="option"
      tabIndex={-1}
      aria-selected={isActive}
      className={classes.option}
      onPointerMove={onPoint}
      onClick={onChoose}
    >
      {entry.mark}
      <span className={classes.title}>{entry.title}</span>
      {entry.note && <span className={classes.note}>{entry.note}</span>}
      {entry.keys?.[0] && <Keys of={entry.keys[0]} />}
    </div>
  );
}

interface BodyProps {
  readonly list: PaletteList;
  readonly setList: (list: PaletteList) => void;
  readonly page: PageActions;
  readonly projectId: number;
  readonly onChoose: (run: () => void) => void;
  readonly onClose: () => void;
}

function PaletteBody({ list, setList, page, projectId, onChoose, onClose }: BodyProps) {
  const [query, setQuery] = useState("");
  const [active, setActive] = useState(0);
  const id = useId();
  const field = useRef<HTMLInputElement>(null);
  // At once, and not when the modal gets to it: letters typed meanwhile would be commands of the canvas.
  useLayoutEffect(() => field.current?.focus(), []);
  const { entries, isLoading } = usePaletteEntries(list, query.trim(), page, projectId);
  const at = Math.min(active, entries.length - 1);

  const show = (next: PaletteList) => {
    setList(next);
    setQuery("");
    setActive(0);
  };
  const choose = (entry: PaletteEntry | undefined) => {
    if (!entry) return;
    if (!entry.opens) return onChoose(entry.run);
    entry.run();
    show(entry.opens);
  };
  const keys: Readonly<Record<string, () => void>> = {
    ArrowDown: () => setActive(at + 1 < entries.length ? at + 1 : 0),
    ArrowUp: () => setActive(at > 0 ? at - 1 : entries.length - 1),
    PageDown: () => setActive(Math.min(at + 8, entries.length - 1)),
    PageUp: () => setActive(Math.max(at - 8, 0)),
    Enter: () => choose(entries[at]),
    Escape: onClose,
  };
  const press = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    const isBack = event.key === "Backspace" && query === "" && list !== "commands";
    const isAgain = event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey);
    const action = isBack ? () => show("commands") : isAgain ? onClose : keys[event.key];
    if (!action) return;
    event.preventDefault();
    event.stopPropagation();
    action();
  };

  const rows: ReactNode[] = [];
  for (const [index, entry] of entries.entries()) {
    if (entry.section && entry.section !== entries[index - 1]?.section) {
      rows.push(
        <div key={`section ${entry.section}`} className={classes.section} role="presentation">
          {entry.section}
        </div>,
      );
    }
    rows.push(
      <Option
        key={entry.id}
        entry={entry}
        id={`${id}-${index}`}
        isActive={index === at}
        onPoint={() => setActive(index)}
        onChoose={() => choose(entry)}
      />,
    );
  }
  return (
    <>
      <div className={classes.field}>
        <IconSearch size={16} stroke={1.7} aria-hidden="true" />
        <input
          ref={field}
          data-autofocus
          role="combobox"
          aria-label={WORDS[list].placeholder}
          aria-expanded="true"
          aria-autocomplete="list"
          aria-controls={`${id}-list`}
          aria-activedescendant={entries.length > 0 ? `${id}-${at}` : undefined}
          placeholder={WORDS[list].placeholder}
          value={query}
          spellCheck={false}
          onChange={(event) => {
            setQuery(event.currentTarget.value);
            setActive(0);
          }}
          onKeyDown={press}
        />
      </div>
      <div id={`${id}-list`} role="listbox" aria-label="Found" className={classes.list}>
        {rows}
      </div>
      {entries.length === 0 && !isLoading && <p className={classes.none}>{WORDS[list].none}</p>}
      <footer className={classes.foot}>
        <span>
          <Keys of="ArrowUp" /> <Keys of="ArrowDown" /> choose
        </span>
        <span>
          <Keys of="Enter" /> do it
        </span>
        {list !== "commands" && (
          <span>
            <Keys of="Backspace" /> every command
          </span>
        )}
        <span>
          <Keys of="Escape" /> close
        </span>
      </footer>
    </>
  );
}

interface Props extends Omit<BodyProps, "list" | "onChoose"> {
  /** Null: closed. */
  readonly list: PaletteList | null;
}

/** Everything that can be done, found by typing; the keyboard is enough. */
export function CommandPalette({ list, onClose, ...props }: Props) {
  // What is chosen runs when the palette is gone and the focus is back: it may itself open something.
  const chosen = useRef<(() => void) | null>(null);
  const before = useRef<Element | null>(null);
  const isOpen = list !== null;
  useLayoutEffect(() => {
    if (isOpen) before.current = document.activeElement;
  }, [isOpen]);
  const leave = () => {
    if (before.current instanceof HTMLElement) before.current.focus({ preventScroll: true });
    const run = chosen.current;
    chosen.current = null;
    run?.();
  };
  return (
    <Modal.Root
      opened={isOpen}
      onClose={onClose}
      size={580}
      yOffset="14vh"
      radius={10}
      transitionProps={{ duration: 80, transition: "fade" }}
      returnFocus={false}
      onExitTransitionEnd={leave}
    >
      <Modal.Overlay backgroundOpacity={0.45} blur={0} />
      <Modal.Content aria-label="Command palette" data-testid="palette">
        <Modal.Body p={0}>
          {list && (
            <PaletteBody
              {...props}
              list={list}
              onClose={onClose}
              onChoose={(run) => {
                chosen.current = run;
                onClose();
              }}
            />
          )}
        </Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}
