import { ActionIcon, Button, Group, SegmentedControl, TextInput, Tooltip } from "@mantine/core";
import { IconCheck, IconTrash } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { answer, api, type Category } from "../../api/client";
import { describeError } from "../../api/problems";
import { keys } from "../queries";
import { PALETTE } from "../shared/palette";
import classes from "./CategoriesPanel.module.css";
import { DIGITS, freeColor, freeHotkey } from "./free";

interface Props {
  readonly projectId: number;
  readonly categories: readonly Category[];
  /** The category to change; null makes a new one. */
  readonly category: Category | null;
  readonly onClose: () => void;
}

export function CategoryForm({ projectId, categories, category, onClose }: Props) {
  const client = useQueryClient();
  const others = categories.filter(({ id }) => id !== category?.id);
  const [name, setName] = useState(category?.name ?? "");
  const [color, setColor] = useState(category?.color ?? freeColor(others));
  const [hotkey, setHotkey] = useState(category ? category.hotkey : freeHotkey(others));
  const [isthing, setIsthing] = useState(category?.isthing ?? true);
  const done = async () => {
    await client.invalidateQueries({ queryKey: keys.categories(projectId) });
    onClose();
  };
  const path = { category_id: category?.id ?? 0 };
  const save = useMutation({
    mutationFn: () => {
      const body = { name: name.trim(), color, hotkey, isthing };
      return category
        ? answer(api.PATCH("/api/categories/{category_id}", { params: { path }, body }))
        : answer(
            api.POST("/api/projects/{project_id}/categories", {
              params: { path: { project_id: projectId } },
              body: { ...body, supercategory: "" },
            }),
          );
    },
    onSuccess: done,
  });
  const remove = useMutation({
    mutationFn: () => answer(api.DELETE("/api/categories/{category_id}", { params: { path } })),
    onSuccess: done,
  });
  const error = save.error ?? remove.error;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (name.trim()) save.mutate();
  };
  const swatches = PALETTE.some((swatch) => swatch === color) ? PALETTE : [color, ...PALETTE];
  return (
    <form
      className={classes.form}
      onSubmit={submit}
      onKeyDown={(event) => event.key === "Escape" && onClose()}
    >
      <TextInput
        aria-label="Category name"
        placeholder="Category name"
        value={name}
        maxLength={200}
        autoFocus
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <fieldset className={classes.field}>
        <legend>Colour</legend>
        <div className={classes.swatches}>
          {swatches.map((swatch) => (
            <button
              key={swatch}
              type="button"
              style={{ background: swatch }}
              aria-label={`Colour ${swatch}`}
              aria-pressed={swatch === color}
              onClick={() => setColor(swatch)}
            >
              {swatch === color && <IconCheck size={14} stroke={3} />}
            </button>
          ))}
        </div>
      </fieldset>
      <fieldset className={classes.field}>
        <legend>Hotkey</legend>
        <div className={classes.digits}>
          {DIGITS.map((digit) => (
            <button
              key={digit}
              type="button"
              aria-pressed={digit === hotkey}
              disabled={others.some((other) => other.hotkey === digit)}
              onClick={() => setHotkey(digit === hotkey ? null : digit)}
            >
              {digit}
            </button>
          ))}
        </div>
      </fieldset>
      <SegmentedControl
        size="xs"
        fullWidth
        aria-label="Kind"
        value={isthing ? "thing" : "stuff"}
        onChange={(value) => setIsthing(value === "thing")}
        data={[
          { value: "thing", label: "Thing" },
          { value: "stuff", label: "Stuff" },
        ]}
      />
      {error && <div className={classes.error}>{describeError(error)}</div>}
      <Group gap={8} justify="space-between">
        {category ? (
          <Tooltip label="Delete category">
            <ActionIcon
              aria-label="Delete category"
              color="red"
              loading={remove.isPending}
              onClick={() => remove.mutate()}
            >
              <IconTrash size={16} />
            </ActionIcon>
          </Tooltip>
        ) : (
          <span />
        )}
        <Group gap={8}>
          <Button variant="subtle" color="gray" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" disabled={!name.trim()} loading={save.isPending}>
            {category ? "Save" : "Add"}
          </Button>
        </Group>
      </Group>
    </form>
  );
}
