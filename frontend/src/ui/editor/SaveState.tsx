import { Loader, Tooltip } from "@mantine/core";
import { IconAlertTriangle, IconCheck, IconCloudOff } from "@tabler/icons-react";
import { Signal } from "../../editor/signal";
import { useStates, useWaitingState } from "../app/sending";
import { useSignal } from "../shared/useSignal";
import { useEditorContext } from "./context";
import { type StateOnItsWay, saveWords } from "./saveWords";
import classes from "./TopBar.module.css";

const ICONS = {
  saved: <IconCheck size={14} />,
  saving: <Loader size={12} />,
  offline: <IconCloudOff size={14} />,
  conflict: <IconAlertTriangle size={14} />,
  held: <IconAlertTriangle size={14} />,
};

const NOTHING = new Signal<ReadonlySet<number>>(new Set());
const NONE = new Signal(0);

function useStateOnItsWay(imageId: number): StateOnItsWay | null {
  const states = useStates();
  const isWaiting = useWaitingState(imageId) !== null;
  const isStuck = useSignal(states?.stuck ?? NOTHING).has(imageId);
  const unkept = useSignal(states?.journal.unkept ?? NONE);
  if (!isWaiting) return null;
  if (!isStuck) return "sending";
  return unkept > 0 ? "tab" : "kept";
}

export function SaveState() {
  const { sync, image } = useEditorContext();
  const own = useStateOnItsWay(image.id);
  const { state, text, note } = saveWords(useSignal(sync.status), useSignal(sync.unkept), own);
  return (
    <Tooltip label={note} multiline maw={300}>
      <output className={classes.save} data-testid="save-state" data-state={state}>
        {ICONS[state]}
        {text}
      </output>
    </Tooltip>
  );
}
