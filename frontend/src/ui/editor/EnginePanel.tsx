import { NumberInput, Popover, Select, Slider, Switch } from "@mantine/core";
import { IconAdjustmentsHorizontal } from "@tabler/icons-react";
import { useEffect, useId, useState } from "react";
import { useEngines } from "../queries";
import { useSignal } from "../shared/useSignal";
import { useEditorContext } from "./context";
import classes from "./EnginePanel.module.css";
import {
  changedOptions,
  ENGINE,
  type Engine,
  type EngineOption,
  forgetUnfitting,
  isFitting,
  type OptionValue,
  resetOptions,
  setOption,
  stepOf,
} from "./engineOptions";

interface FieldProps {
  readonly option: EngineOption;
  readonly value: OptionValue;
  readonly onChange: (value: OptionValue) => void;
}

function NumberField({ option, value, onChange }: FieldProps) {
  const id = useId();
  // "3" on the way to "300" is no value yet.
  const [typed, setTyped] = useState<number | string | null>(null);
  const range = { min: option.minimum ?? 0, max: option.maximum ?? 1, step: stepOf(option) };
  const [name, ...note] = option.title.split(", ");
  return (
    <div className={classes.number}>
      <label htmlFor={id}>
        {name}
        {note.length > 0 && <span>{note.join(", ")}</span>}
      </label>
      <NumberInput
        id={id}
        classNames={{ input: `${classes.value} tabular` }}
        size="xs"
        hideControls
        allowDecimal={option.type === "number"}
        {...range}
        value={typed ?? Number(value)}
        onChange={(next) => {
          setTyped(next);
          if (isFitting(option, next)) onChange(next);
        }}
        onBlur={() => setTyped(null)}
      />
      <Slider
        className={classes.slider ?? ""}
        size={3}
        thumbSize={12}
        label={null}
        thumbLabel={option.title}
        {...range}
        value={Number(value)}
        onChange={onChange}
      />
    </div>
  );
}

function Field(props: FieldProps) {
  const { option, value, onChange } = props;
  if (option.type === "boolean") {
    return (
      <Switch
        size="xs"
        label={option.title}
        checked={value === true}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
    );
  }
  if (option.type === "choice") {
    return (
      <Select
        label={option.title}
        data={option.choices ?? []}
        value={String(value)}
        allowDeselect={false}
        comboboxProps={{ withinPortal: false }}
        onChange={(choice) => choice !== null && onChange(choice)}
      />
    );
  }
  return <NumberField {...props} />;
}

function Options({ engine }: { engine: Engine }) {
  const changed = useSignal(changedOptions)[engine.name] ?? {};
  const isChanged = Object.keys(changed).length > 0;
  return (
    <Popover position="top-start" width={320} offset={10} trapFocus>
      <Popover.Target>
        <button type="button" className={classes.chip} data-changed={isChanged}>
          <IconAdjustmentsHorizontal size={14} stroke={1.7} />
          {engine.title}
        </button>
      </Popover.Target>
      <Popover.Dropdown className={classes.panel} aria-label={`Options of ${engine.title}`}>
        <header>
          <strong>{engine.title}</strong>
          <button type="button" disabled={!isChanged} onClick={() => resetOptions(engine.name)}>
            Reset
          </button>
        </header>
        {engine.options.map((option) => (
          <Field
            key={option.name}
            option={option}
            value={changed[option.name] ?? option.default}
            onChange={(value) => setOption(engine.name, option, value)}
          />
        ))}
        <p>Used from the next box on.</p>
      </Popover.Dropdown>
    </Popover>
  );
}

/** The options of the engine that the tool in hand asks; nothing with other tools. */
export function EnginePanel() {
  const editor = useEditorContext();
  const tool = useSignal(editor.tool);
  const engines = useEngines();
  const engine = engines.data?.find(({ name }) => name === ENGINE);
  useEffect(() => {
    if (engine) forgetUnfitting(engine);
  }, [engine]);
  if (tool.id !== "box-prompt" || !engine || engine.options.length === 0) return null;
  return <Options engine={engine} />;
}
