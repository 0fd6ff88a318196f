import { SegmentedControl, Slider, Switch } from "@mantine/core";
import { CROSSHAIR_TOOLS, type Crosshair, WIDEST_CROSSHAIR } from "../../editor/crosshair";
import { useSignal } from "../shared/useSignal";
import { useEditorContext } from "./context";
import classes from "./LookFields.module.css";

const SLIDER = { size: 3, thumbSize: 12, label: null, className: classes.slider ?? "" } as const;

function Fill() {
  const { drawing } = useEditorContext();
  const percent = Math.round(100 * useSignal(drawing.opacity));
  return (
    <>
      <span>Fill</span>
      <Slider
        {...SLIDER}
        thumbLabel="Fill"
        thumbValueText={`${percent}%`}
        min={0}
        max={100}
        step={5}
        value={percent}
        onChange={(value) => drawing.opacity.set(value / 100)}
      />
      <span className="tabular">{percent}%</span>
    </>
  );
}

function CrosshairFields() {
  const { drawing } = useEditorContext();
  const crosshair = useSignal(drawing.crosshair);
  const { tools, color, width } = crosshair;
  const set = (part: Partial<Crosshair>) => drawing.crosshair.set({ ...crosshair, ...part });
  return (
    <>
      <span className={classes.wide}>Crosshair</span>
      <SegmentedControl
        className={classes.wide ?? ""}
        classNames={{ label: classes.way ?? "" }}
        size="xs"
        fullWidth
        aria-label="Crosshair"
        value={tools}
        onChange={(value) => set({ tools: value as Crosshair["tools"] })}
        data={Object.entries(CROSSHAIR_TOOLS).map(([value, label]) => ({ value, label }))}
      />
      {tools !== "none" && (
        <>
          <input
            type="color"
            className={classes.color}
            aria-label="Colour of the crosshair"
            value={color}
            onChange={(event) => set({ color: event.currentTarget.value })}
          />
          <Slider
            {...SLIDER}
            thumbLabel="Thickness of the crosshair"
            thumbValueText={`${width} pixels`}
            min={1}
            max={WIDEST_CROSSHAIR}
            value={width}
            onChange={(value) => set({ width: value })}
          />
          <span className="tabular">{width} px</span>
        </>
      )}
    </>
  );
}

/** How outlines are drawn, and lines through the pointer. */
export function LookFields() {
  const { drawing } = useEditorContext();
  return (
    <div className={classes.look}>
      <Fill />
      <Switch
        className={classes.wide ?? ""}
        size="xs"
        label="A colour for each annotation"
        checked={useSignal(drawing.isByInstance)}
        onChange={(event) => drawing.isByInstance.set(event.currentTarget.checked)}
      />
      <CrosshairFields />
    </div>
  );
}
