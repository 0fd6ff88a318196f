import { Button, MultiSelect, NumberInput, Popover, RangeSlider } from "@mantine/core";
import { IconFilter, IconLock } from "@tabler/icons-react";
import { type AnnotationFilter, EVERYTHING, isEverything } from "../../editor/annotation-filter";
import { formatCount, plural } from "../shared/format";
import { useSignal } from "../shared/useSignal";
import { useAnnotations, useEditorContext, usePart } from "./context";
import { titleOf } from "./engineSettings";
import classes from "./FilterBar.module.css";

const wholeOrNone = (value: string | number) => (value === "" ? null : Number(value));

function Fields() {
  const { visibility, categories, settings } = useEditorContext();
  const engines = useSignal(settings.engines);
  const filter = useSignal(visibility.filter);
  const existing = useSignal(categories);
  const annotations = useAnnotations();
  const set = (part: Partial<AnnotationFilter>) => visibility.setFilter({ ...filter, ...part });
  const sources = [...new Set([...annotations.map(({ source }) => source), ...filter.sources])];
  const inside = { comboboxProps: { withinPortal: false }, size: "xs" } as const;
  return (
    <div className={classes.fields}>
      <MultiSelect
        {...inside}
        label="Category"
        placeholder={filter.categories.length === 0 ? "Any" : ""}
        data={existing.map(({ id, name }) => ({ value: String(id), label: name }))}
        value={filter.categories.map(String)}
        onChange={(chosen) => set({ categories: chosen.map(Number) })}
        clearable
      />
      <MultiSelect
        {...inside}
        label="Made by"
        placeholder={filter.sources.length === 0 ? "Anybody" : ""}
        data={sources.sort().map((source) => ({
          value: source,
          label: source === "manual" ? "hand" : titleOf(engines, source),
        }))}
        value={[...filter.sources]}
        onChange={(chosen) => set({ sources: chosen })}
        clearable
      />
      <div>
        <span className={classes.label}>
          Score {filter.score.map((score) => score.toFixed(2)).join(" to ")}
        </span>
        <RangeSlider
          thumbFromLabel="Least score"
          thumbToLabel="Most score"
          size="sm"
          min={0}
          max={1}
          step={0.05}
          minRange={0}
          label={null}
          value={[...filter.score]}
          onChange={(score) => set({ score })}
        />
      </div>
      <div className={classes.pair}>
        <NumberInput
          size="xs"
          label="From, px"
          placeholder="Any size"
          min={0}
          allowDecimal={false}
          thousandSeparator=","
          value={filter.area[0] ?? ""}
          onChange={(value) => set({ area: [wholeOrNone(value), filter.area[1]] })}
        />
        <NumberInput
          size="xs"
          label="To, px"
          placeholder="Any size"
          min={0}
          allowDecimal={false}
          thousandSeparator=","
          value={filter.area[1] ?? ""}
          onChange={(value) => set({ area: [filter.area[0], wholeOrNone(value)] })}
        />
      </div>
      <Button
        variant="default"
        disabled={isEverything(filter)}
        onClick={() => visibility.setFilter(EVERYTHING)}
      >
        No filter
      </Button>
    </div>
  );
}

/** Which annotations are shown, and how many are not. */
export function FilterBar() {
  const { visibility, hidden } = useEditorContext();
  const annotations = useAnnotations();
  const isFiltered = !isEverything(useSignal(visibility.filter));
  const solo = useSignal(visibility.solo);
  const locked = usePart(visibility.locked, ({ size }) => size);
  const away = useSignal(hidden);
  const count = annotations.filter(({ id }) => away.has(id)).length;
  return (
    <div className={classes.bar}>
      <Popover position="top-start" width={256} trapFocus returnFocus>
        <Popover.Target>
          <button type="button" className={classes.chip} data-on={isFiltered}>
            <IconFilter size={13} stroke={1.8} />
            Filter
          </button>
        </Popover.Target>
        <Popover.Dropdown>
          <Fields />
        </Popover.Dropdown>
      </Popover>
      <span className={classes.spacer} />
      {locked > 0 && (
        <button
          type="button"
          className={classes.chip}
          aria-label={`Unlock ${plural(locked, "annotation")}`}
          onClick={() => visibility.setLocked([...visibility.locked.get()], false)}
        >
          <IconLock size={13} stroke={1.8} />
          {formatCount(locked)}
        </button>
      )}
      {count > 0 && (
        <button
          type="button"
          className={classes.chip}
          data-testid="show-all"
          onClick={() => visibility.showAll()}
        >
          {solo === null ? `${formatCount(count)} hidden` : "One alone"} · show all
        </button>
      )}
    </div>
  );
}
