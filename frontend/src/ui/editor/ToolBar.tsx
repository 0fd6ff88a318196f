import {
  IconBoxMultiple,
  IconHandStop,
  IconPointer,
  IconPolygon,
  IconSparkles,
  IconSquareDashed,
} from "@tabler/icons-react";
import type { ComponentType } from "react";
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
};

export function ToolBar() {
  const editor = useEditorContext();
  const current = useSignal(editor.tool);
  return (
    <div className={classes.tools} role="toolbar" aria-label="Tools" aria-orientation="vertical">
      {editor.tools.map((tool) => {
        const Icon = ICONS[tool.icon] ?? IconBoxMultiple;
        return (
          <IconButton
            key={tool.id}
            name={tool.title}
            command={`tool-${tool.id}`}
            side="right"
            isPressed={tool.id === current.id}
            onClick={() => editor.setTool(tool.id)}
          >
            <Icon size={18} stroke={1.6} />
          </IconButton>
        );
      })}
    </div>
  );
}
