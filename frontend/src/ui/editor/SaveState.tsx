import { Loader, Tooltip } from "@mantine/core";
import { IconAlertTriangle, IconCheck, IconCloudOff } from "@tabler/icons-react";
import type { SyncStatus } from "../../editor/sync";
import { plural } from "../shared/format";
import { useSignal } from "../shared/useSignal";
import { useEditorContext } from "./context";
import classes from "./TopBar.module.css";

const LOOKS: Readonly<
  Record<SyncStatus["state"], { text: (pending: number) => string; note: string }>
> = {
  saved: { text: () => "Saved", note: "Every edit is on the server." },
  saving: { text: () => "Saving…", note: "Edits are on their way to the server." },
  offline: {
    text: (pending) => `Offline — ${plural(pending, "edit")} kept on this computer`,
    note: "The server does not answer. The edits are sent as soon as it does; you can go on drawing.",
  },
  conflict: { text: () => "Conflict", note: "Somebody else changed the same annotation." },
};

const ICONS = {
  saved: <IconCheck size={14} />,
  saving: <Loader size={12} />,
  offline: <IconCloudOff size={14} />,
  conflict: <IconAlertTriangle size={14} />,
};

export function SaveState() {
  const { sync } = useEditorContext();
  const { state, pending, note } = useSignal(sync.status);
  const look = LOOKS[state];
  return (
    <Tooltip
      label={note ? `The server says: ${note} The edits are kept and sent again.` : look.note}
      multiline
      maw={300}
    >
      <output className={classes.save} data-testid="save-state" data-state={state}>
        {ICONS[state]}
        {look.text(pending)}
      </output>
    </Tooltip>
  );
}
