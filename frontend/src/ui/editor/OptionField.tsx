import { NumberInput, Select, Slider, Switch } from "@mantine/core";
import { useId, useState } from "react";
import { type EngineOption, isFitting, type OptionValue, stepOf } from "./engineOptions";
import classes from "./OptionField.module.css";

interface FieldProps {
  readonly option: EngineOption;
  readonly value: OptionValue;
  readonly onChange: (value: OptionValue) => void;
}

/** "Margin, in shares of the longer side": a name, and after the comma what it means. */
function Title({ title }: { title: string }) {
  const [name, ...note] = title.split(", ");
  return (
    <>
      {name}
      {note.length > 0 && <span className={classes.note}>{note.join(", ")}</span>}
    </>
  );
}

function NumberField({ option, value, onChange }: FieldProps) {
  const id = useId();
  // "3" on the way to "300" is no value yet.
  const [typed, setTyped] = useState<number | string | null>(null);
  const range = { min: option.minimum ?? 0, max: option.maximum ?? 1, step: stepOf(option) };
  return (
    <div className={classes.field}>
      <label htmlFor={id}>
        <Title title={option.title} />
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

function ChoiceField({ option, value, onChange }: FieldProps) {
  const id = useId();
  return (
    <div className={classes.field} data-kind="choice">
      <label htmlFor={id}>
        <Title title={option.title} />
      </label>
      <Select
        id={id}
        data={option.choices ?? []}
        value={String(value)}
        allowDeselect={false}
        comboboxProps={{ withinPortal: false }}
        onChange={(choice) => choice !== null && onChange(choice)}
      />
    </div>
  );
}

/** One option of an engine, as its type wants to be set. */
export function OptionField(props: FieldProps) {
  const { option, value, onChange } = props;
  if (option.type === "choice") return <ChoiceField {...props} />;
  if (option.type !== "boolean") return <NumberField {...props} />;
  return (
    <Switch
      size="xs"
      labelPosition="left"
      classNames={{ body: classes.switch ?? "", labelWrapper: classes.switchLabel ?? "" }}
      label={<Title title={option.title} />}
      checked={value === true}
      onChange={(event) => onChange(event.currentTarget.checked)}
    />
  );
}
