import { Select, Switch } from "@mantine/core";
import type { Format } from "../../api/client";

/** How people write them; a choice that is not here shows itself with a capital. */
const CHOICES: Readonly<Record<string, string>> = {
  rle: "RLE",
  "z-order": "By z-order",
  full: "Every digit",
};

function label(choice: string): string {
  return CHOICES[choice] ?? choice.charAt(0).toUpperCase() + choice.slice(1);
}

export function OptionField(props: {
  option: Format["options"][number];
  value: string | boolean;
  isDisabled: boolean;
  onChange: (value: string | boolean) => void;
}) {
  const { option, value, isDisabled, onChange } = props;
  if (typeof value === "boolean") {
    return (
      <Switch
        size="xs"
        label={option.title}
        description={option.description || undefined}
        checked={value}
        disabled={isDisabled}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
    );
  }
  return (
    <Select
      size="xs"
      label={option.title}
      description={option.description || undefined}
      // Below, so that the fields of a row stand side by side.
      inputWrapperOrder={["label", "input", "description"]}
      descriptionProps={{ fz: 11, mt: 4 }}
      data={(option.choices ?? [value]).map((choice) => ({ value: choice, label: label(choice) }))}
      value={value}
      allowDeselect={false}
      disabled={isDisabled}
      onChange={(choice) => onChange(choice ?? value)}
    />
  );
}
