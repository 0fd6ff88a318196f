import { Slider, Tooltip } from "@mantine/core";
import {
  IconCircleMinus,
  IconCirclePlus,
  IconLayersIntersect,
  IconLayersSubtract,
  IconLayersUnion,
  IconMagnet,
  IconMinus,
  IconPencil,
  IconPlus,
  IconRotate2,
  IconRotateClockwise2,
  IconStackBack,
  IconStackFront,
  IconTransform,
  IconVectorSpline,
  IconWaveSine,
} from "@tabler/icons-react";
import type { ReactNode } from "react";
import { isPolygons } from "../../editor/annotation";
import type { Editor } from "../../editor/editor";
import { applySimpler, dropSimpler, showSimpler, TOLERANCES } from "../../editor/simplifying";
import { endTransform } from "../../editor/transforming";
import { plural } from "../shared/format";
import { Keys } from "../shared/Keys";
import { useSignal } from "../shared/useSignal";
import { commands, keyFor } from "./commands";
import { useAnnotations, useEditorContext } from "./context";
import iconClasses from "./IconButton.module.css";
import classes from "./ToolOptions.module.css";

interface ButtonProps {
  /** The command that it runs. */
  readonly of: string;
  readonly children: ReactNode;
  readonly isPressed?: boolean;
}

function CommandButton({ of, children, isPressed }: ButtonProps) {
  const editor = useEditorContext();
  const command = useSignal(commands).find(({ id }) => id === of);
  if (!command) return null;
  // These commands need nothing of the page.
  const run = command.run as (editor: Editor) => void;
  return (
    <Tooltip
      position="bottom"
      label={
        <span className={iconClasses.tip}>
          {command.title}
          <Keys of={keyFor(of)} />
        </span>
      }
    >
      <button
        type="button"
        className={classes.button}
        {...(isPressed === undefined ? {} : { "aria-pressed": isPressed })}
        onClick={() => run(editor)}
      >
        {children}
      </button>
    </Tooltip>
  );
}

/** 1 to 1,000 px, finer where it is small. */
const SLIDER_STEPS = 100;
const toDiameter = (place: number) => Math.round(1000 ** (place / SLIDER_STEPS));
const toPlace = (diameter: number) =>
  Math.round((SLIDER_STEPS * Math.log(diameter)) / Math.log(1000));

function BrushSize() {
  const { drawing } = useEditorContext();
  const diameter = useSignal(drawing.diameter);
  return (
    <div className={classes.group}>
      <span className={classes.label}>Size</span>
      <Slider
        className={classes.slider ?? ""}
        size={3}
        thumbSize={12}
        label={null}
        thumbLabel="Brush size"
        thumbValueText={`${diameter} pixels`}
        min={0}
        max={SLIDER_STEPS}
        value={toPlace(diameter)}
        onChange={(place) => drawing.diameter.set(toDiameter(place))}
      />
      <span className={`${classes.value} tabular`}>{diameter} px</span>
    </div>
  );
}

/** For who has a pen: what its pressure does. */
function Pressure() {
  const { drawing } = useEditorContext();
  const isByPressure = useSignal(drawing.isByPressure);
  const hasPen = useSignal(drawing.hasPen);
  if (!hasPen && !isByPressure) return null;
  return (
    <div className={classes.group}>
      <CommandButton of="pen-pressure" isPressed={isByPressure}>
        <IconPencil size={15} stroke={1.7} /> Pressure
      </CommandButton>
    </div>
  );
}

function Combining() {
  const editor = useEditorContext();
  const how = useSignal(editor.combining);
  return (
    <div className={classes.group}>
      <CommandButton of="add-to-selected" isPressed={how === "add"}>
        <IconCirclePlus size={15} stroke={1.7} /> Add
      </CommandButton>
      <CommandButton of="cut-from-selected" isPressed={how === "cut"}>
        <IconCircleMinus size={15} stroke={1.7} /> Cut
      </CommandButton>
    </div>
  );
}

function Underneath({ snaps }: { snaps: boolean }) {
  const { drawing } = useEditorContext();
  const isUnderneath = useSignal(drawing.isUnderneath);
  const isSnapping = useSignal(drawing.snaps);
  return (
    <div className={classes.group}>
      <CommandButton of="underneath" isPressed={isUnderneath}>
        <IconStackBack size={15} stroke={1.7} /> Underneath
      </CommandButton>
      {snaps && (
        <CommandButton of="snapping" isPressed={isSnapping}>
          <IconMagnet size={15} stroke={1.7} /> Snap
        </CommandButton>
      )}
    </div>
  );
}

function share(iou: number): string {
  return iou === 1 ? "100%" : `${(Math.floor(iou * 1000) / 10).toFixed(1)}%`;
}

function Simplifying() {
  const editor = useEditorContext();
  const simpler = useSignal(editor.simpler);
  if (!simpler) return null;
  const cost = `${plural(simpler.vertices, "vertex", "vertices")} · IoU ${share(simpler.iou)}`;
  return (
    <>
      <div className={classes.group}>
        <span className={classes.label}>Simplify</span>
        <Slider
          className={classes.slider ?? ""}
          size={3}
          thumbSize={12}
          label={null}
          thumbLabel="Tolerance"
          thumbValueText={`${simpler.tolerance} pixels, ${cost}`}
          min={0}
          max={TOLERANCES.length - 1}
          value={TOLERANCES.indexOf(simpler.tolerance)}
          onChange={(place) => showSimpler(editor, TOLERANCES[place] ?? 0)}
        />
        <span className={`${classes.value} tabular`}>{simpler.tolerance} px</span>
        <span className={`${classes.cost} tabular`} data-testid="simpler">
          {cost}
        </span>
      </div>
      <div className={classes.group}>
        <button type="button" className={classes.button} onClick={() => applySimpler(editor)}>
          Apply <Keys of={keyFor("accept")} />
        </button>
        <button type="button" className={classes.button} onClick={() => dropSimpler(editor)}>
          Cancel <Keys of={keyFor("escape")} />
        </button>
      </div>
    </>
  );
}

function Transforming() {
  const editor = useEditorContext();
  return (
    <>
      <div className={classes.group}>
        <CommandButton of="turn-left-far">
          <IconRotate2 size={15} stroke={1.7} /> 15°
        </CommandButton>
        <CommandButton of="turn-right-far">
          <IconRotateClockwise2 size={15} stroke={1.7} /> 15°
        </CommandButton>
      </div>
      <div className={classes.group}>
        <CommandButton of="smaller-far">
          <IconMinus size={15} stroke={1.7} /> Smaller
        </CommandButton>
        <CommandButton of="larger-far">
          <IconPlus size={15} stroke={1.7} /> Larger
        </CommandButton>
      </div>
      <div className={classes.group}>
        <button type="button" className={classes.button} onClick={() => endTransform(editor)}>
          Done <Keys of={keyFor("accept")} />
        </button>
      </div>
    </>
  );
}

function OfSelected() {
  const editor = useEditorContext();
  const id = useSignal(editor.selection);
  const others = useSignal(editor.others);
  const selected = useAnnotations().find((one) => one.id === id);
  if (!selected) return null;
  const isMask = !isPolygons(selected.segmentation);
  const transform = (
    <CommandButton of="transform">
      <IconTransform size={15} stroke={1.7} /> Transform
    </CommandButton>
  );
  if (others.size > 0) {
    return (
      <div className={classes.group}>
        <CommandButton of="unite">
          <IconLayersUnion size={15} stroke={1.7} /> Unite
        </CommandButton>
        <CommandButton of="subtract">
          <IconLayersSubtract size={15} stroke={1.7} /> Subtract
        </CommandButton>
        <CommandButton of="intersect">
          <IconLayersIntersect size={15} stroke={1.7} /> Intersect
        </CommandButton>
        {transform}
      </div>
    );
  }
  return (
    <>
      <div className={classes.group}>
        <CommandButton of="raise">
          <IconStackFront size={15} stroke={1.7} /> Raise
        </CommandButton>
        <CommandButton of="lower">
          <IconStackBack size={15} stroke={1.7} /> Lower
        </CommandButton>
      </div>
      <div className={classes.group}>
        <CommandButton of={isMask ? "to-polygons" : "to-mask"}>
          <IconVectorSpline size={15} stroke={1.7} /> {isMask ? "To polygons" : "To mask"}
        </CommandButton>
        <CommandButton of="simplify">
          <IconWaveSine size={15} stroke={1.7} /> Simplify
        </CommandButton>
        {transform}
      </div>
    </>
  );
}

/** Over the canvas: what can be set of the tool in hand, or done with what is selected. */
export function ToolOptions() {
  const editor = useEditorContext();
  const tool = useSignal(editor.tool);
  const isSimplifying = useSignal(editor.simpler) !== null;
  const isTransforming = useSignal(editor.transform) !== null;
  const isProposing = useSignal(editor.proposals.state) !== null;
  if (editor.isReadOnly || isProposing) return null;
  return (
    <div className={classes.bar} role="toolbar" aria-label={`${tool.title} options`}>
      {isSimplifying ? (
        <Simplifying />
      ) : (
        <>
          {tool.resize && <BrushSize />}
          {tool.resize && <Pressure />}
          {tool.isShape && <Combining />}
          {(tool.isShape || tool.resize) && <Underneath snaps={tool.id === "polygon"} />}
          {tool.id === "select" && (isTransforming ? <Transforming /> : <OfSelected />)}
        </>
      )}
    </div>
  );
}
