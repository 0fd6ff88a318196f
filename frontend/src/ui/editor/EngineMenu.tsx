import { Popover, Select } from "@mantine/core";
import { IconAdjustmentsHorizontal } from "@tabler/icons-react";
import { type KeyboardEvent, useEffect, useMemo } from "react";
import { AUTO } from "../../editor/asking";
import type { Start } from "../../editor/prompt";
import { useEngines } from "../queries";
import { Keys } from "../shared/Keys";
import { useSignal } from "../shared/useSignal";
import { keyFor } from "./commands";
import { useEditorContext } from "./context";
import { EngineDetails } from "./EngineDetails";
import classes from "./EngineMenu.module.css";
import { changedOptions, type Engine } from "./engineOptions";
import { autoEngine, chooseEngine, learnEngines, settings, titleOf } from "./engineSettings";

/** Those that can run first, by title. */
function inOrder(engines: readonly Engine[]): readonly Engine[] {
  return [...engines].sort(
    (a, b) =>
      Number(b.available) - Number(a.available) ||
      b.rank - a.rank ||
      a.title.localeCompare(b.title),
  );
}

interface RowProps {
  readonly name: string;
  readonly title: string;
  readonly note: string | null;
  readonly isChosen: boolean;
  readonly isDisabled?: boolean;
  readonly onChoose: () => void;
}

/** A radio button: the arrow keys go through the engines, and the proposal follows. */
function Row({ name, title, note, isChosen, isDisabled = false, onChoose }: RowProps) {
  return (
    <label className={classes.row} data-chosen={isChosen} data-disabled={isDisabled}>
      <input
        type="radio"
        name="engine"
        value={name}
        checked={isChosen}
        disabled={isDisabled}
        onChange={onChoose}
        data-autofocus={isChosen || undefined}
      />
      <span className={classes.dot} />
      <span className={classes.title}>{title}</span>
      {note && <span className={classes.note}>{note}</span>}
    </label>
  );
}

function Rows({ engines, start }: { engines: readonly Engine[]; start: Start }) {
  const editor = useEditorContext();
  const tool = useSignal(editor.tool);
  const chosen = useSignal(settings.choice)[start];
  const choice = tool.engine ?? chosen;
  // A tool that asks one engine only makes room for one that asks any.
  const choose = (name: string) => {
    chooseEngine({ [start]: name });
    if (!tool.engine) return;
    const general = editor.tools.find((one) => one.startsFrom === start && !one.engine);
    if (general) editor.setTool(general.id);
  };
  const auto = autoEngine(engines, start);
  const other: Start = start === "bbox" ? "points" : "bbox";
  const starting = engines.filter(({ starts_from }) => starts_from.includes(start));
  const others = engines.filter((engine) => !starting.includes(engine));
  // An engine that the tool in hand cannot ask brings its tool with it.
  const takeUp = (name: string) => {
    chooseEngine({ [other]: name });
    const general = editor.tools.find((one) => one.startsFrom === other && !one.engine);
    if (general) editor.setTool(general.id);
  };
  return (
    <div className={classes.rows} role="radiogroup" aria-label="Engine">
      <Row
        name={AUTO}
        title="Auto"
        note={auto && `Now ${auto.title}`}
        isChosen={choice === AUTO}
        onChoose={() => choose(AUTO)}
      />
      {starting.map(({ name, title, available, reason }) => (
        <Row
          key={name}
          name={name}
          title={title}
          note={available ? null : reason}
          isChosen={choice === name}
          isDisabled={!available}
          onChoose={() => choose(name)}
        />
      ))}
      {others.length > 0 && (
        <p className={classes.heading}>
          {other === "points" ? "Start from points" : "Start from a box"}
        </p>
      )}
      {others.map(({ name, title, available, reason }) => (
        <Row
          key={name}
          name={name}
          title={title}
          note={available ? null : reason}
          isChosen={false}
          isDisabled={!available}
          onChoose={() => takeUp(name)}
        />
      ))}
    </div>
  );
}

function CompareWith({ engines }: { engines: readonly Engine[] }) {
  const { compareWith } = useSignal(settings.choice);
  const data = [
    { value: AUTO, label: "Best of the others" },
    ...engines.map(({ name, title, available }) => ({
      value: name,
      label: title,
      disabled: !available,
    })),
  ];
  return (
    <div className={classes.compare}>
      <label htmlFor="compare-with">
        Compare with <Keys of={keyFor("compare")} />
      </label>
      <Select
        id="compare-with"
        data={data}
        value={compareWith}
        allowDeselect={false}
        comboboxProps={{ withinPortal: false, position: "top" }}
        onChange={(name) => name !== null && chooseEngine({ compareWith: name })}
      />
    </div>
  );
}

interface MenuProps {
  readonly isOpen: boolean;
  readonly setIsOpen: (isOpen: boolean) => void;
}

function Menu({
  start,
  engines,
  isOpen,
  setIsOpen,
}: MenuProps & { start: Start; engines: readonly Engine[] }) {
  const { tool } = useEditorContext();
  const { engine: fixed } = useSignal(tool);
  const chosen = useSignal(settings.choice)[start];
  const choice = fixed ?? chosen;
  const changed = useSignal(changedOptions)[choice] ?? {};
  const open = (isWanted: boolean) => {
    // The keys are the canvas's again at once, and not only when the menu has faded.
    if (!isWanted && document.activeElement instanceof HTMLElement) document.activeElement.blur();
    setIsOpen(isWanted);
  };
  const closeByKey = (event: KeyboardEvent) => {
    const { target, key } = event;
    const isTyping = target instanceof HTMLInputElement && target.type !== "radio";
    if (key.toUpperCase() === keyFor("engines") && !isTyping) open(false);
  };
  return (
    <Popover position="top-start" width={560} offset={10} trapFocus opened={isOpen} onChange={open}>
      <Popover.Target>
        <button
          type="button"
          className={classes.chip}
          data-changed={Object.keys(changed).length > 0}
          aria-label={`Engine: ${titleOf(engines, choice)}`}
          onClick={() => open(!isOpen)}
        >
          <IconAdjustmentsHorizontal size={14} stroke={1.7} />
          {titleOf(engines, choice)}
          <Keys of={keyFor("engines")} />
        </button>
      </Popover.Target>
      <Popover.Dropdown className={classes.menu} aria-label="Engine" onKeyDown={closeByKey}>
        <div className={classes.list}>
          <Rows engines={engines} start={start} />
          <CompareWith engines={engines} />
        </div>
        <EngineDetails
          engine={engines.find(({ name }) => name === choice) ?? null}
          auto={autoEngine(engines, start)}
        />
      </Popover.Dropdown>
    </Popover>
  );
}

/** Which engine the tool in hand asks, and its options; nothing with other tools. */
export function EngineMenu(props: MenuProps) {
  const editor = useEditorContext();
  const { startsFrom } = useSignal(editor.tool);
  const { data } = useEngines();
  const engines = useMemo(() => data && inOrder(data), [data]);
  useEffect(() => {
    if (engines) learnEngines(engines);
  }, [engines]);
  return startsFrom && engines ? <Menu start={startsFrom} engines={engines} {...props} /> : null;
}
