import { Menu } from "@mantine/core";
import { IconChevronDown } from "@tabler/icons-react";
import type { PageActions } from "../../editor/commands";
import { Keys } from "../shared/Keys";
import { commands } from "./commands";
import { useEditorContext, usePart } from "./context";
import classes from "./TopBar.module.css";

const COMMANDS = ["fit", "actual-size", "zoom-in", "zoom-out"];
const SCALES = [0.5, 2, 4, 8];

/** Two digits where they matter: 6.3%, 64%, 640%. */
export function percent(scale: number): string {
  const value = scale * 100;
  return `${value < 10 ? value.toFixed(1) : Math.round(value)}%`;
}

export function ZoomControl({ page }: { page: PageActions }) {
  const editor = useEditorContext();
  const shown = usePart(editor.viewport.scale, percent);
  return (
    <Menu position="bottom-end" width={250}>
      <Menu.Target>
        <button
          type="button"
          className={`${classes.chip} ${classes.zoom} tabular`}
          aria-label={`Zoom, ${shown}`}
          data-testid="zoom"
        >
          {shown}
          <IconChevronDown size={12} />
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        {commands
          .get()
          .filter(({ id }) => COMMANDS.includes(id))
          .map(({ id, title, keys, run }) => (
            <Menu.Item
              key={id}
              rightSection={<Keys of={keys[0] ?? ""} />}
              onClick={() => run(editor, page)}
            >
              {id === "actual-size" ? "Actual size, 100%" : title}
            </Menu.Item>
          ))}
        <Menu.Divider />
        {SCALES.map((scale) => (
          <Menu.Item key={scale} onClick={() => editor.viewport.zoomTo(scale)}>
            {percent(scale)}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
