import {
  IconBoxMultiple,
  IconBrush,
  IconBucketDroplet,
  IconEraser,
  IconHandStop,
  IconHexagons,
  IconOvalVertical,
  IconPointer,
  IconPolygon,
  IconRectangle,
  IconRulerMeasure,
  IconScissors,
  IconSlice,
  IconSparkles,
  IconSquareDashed,
  IconWand,
} from "@tabler/icons-react";
import { type ComponentType, Fragment } from "react";
import type { Tool } from "../../editor/tool";
import { useSignal } from "../shared/useSignal";
import { useEditorContext } from "./context";
import classes from "./EditorPage.module.css";
import { IconButton } from "./IconButton";

const ICONS: Readonly<Record<string, ComponentType<{ size?: number; stroke?: number }>>> = {
  select: IconPointer,
  pan: IconHandStop,
  polygon: IconPolygon,
  box: IconSquareDashed,
  wand: IconSparkles,
  "magic-wand": IconWand,
  superpixels: IconHexagons,
  "live-wire": IconScissors,
  rectangle: IconRectangle,
  ellipse: IconOvalVertical,
  brush: IconBrush,
  eraser: IconEraser,
  split: IconSlice,
  fill: IconBucketDroplet,
  ruler: IconRulerMeasure,
};

const groupOf = ({ order }: Tool) => Math.floor(order / 10);

export function ToolBar() {
  const editor = useEditorContext();
  const current = useSignal(editor.tool);
  return (
    <div className={classes.tools} role="toolbar" aria-label="Tools" aria-orientation="vertical">
      {editor.tools.map((tool, i) => {
        const Icon = ICONS[tool.icon] ?? IconBoxMultiple;
        const before = editor.tools[i - 1];
        return (
          <Fragment key={tool.id}>
            {before && groupOf(before) !== groupOf(tool) && <span className={classes.gap} />}
            <IconButton
              name={tool.title}
              command={`tool-${tool.id}`}
              side="right"
              isPressed={tool.id === current.id}
              onClick={() => editor.setTool(tool.id)}
            >
              <Icon size={18} stroke={1.6} />
            </IconButton>
          </Fragment>
        );
      })}
    </div>
  );
}
