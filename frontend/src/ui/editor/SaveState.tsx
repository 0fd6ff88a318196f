import { Loader, Tooltip } from "@mantine/core";
import { IconAlertTriangle, IconCheck, IconCloudOff } from "@tabler/icons-react";
import { useSignal } from "../shared/useSignal";
import { useEditorContext } from "./context";
import { saveWords } from "./saveWords";
import classes from "./TopBar.module.css";

const ICONS = {
  saved: <IconCheck size={14} />,
  saving: <Loader size={12} />,
  offline: <IconCloudOff size={14} />,
  conflict: <IconAlertTriangle size={14} />,
  held: <IconAlertTriangle size={14} />,
};

export function SaveState() {
  const { sync } = useEditorContext();
  const status = useSignal(sync.status);
  const { text, note } = saveWords(status, useSignal(sync.unkept));
  return (
    <Tooltip label={note} multiline maw={300}>
      <output className={classes.save} data-testid="save-state" data-state={status.state}>
        {ICONS[status.state]}
        {text}
      </output>
    </Tooltip>
  );
}
