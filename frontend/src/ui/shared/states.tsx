import type { ImageState } from "../../api/client";
import classes from "./states.module.css";

export const STATES: Readonly<Record<ImageState, string>> = {
  new: "New",
  in_progress: "In progress",
  done: "Done",
  skipped: "Skipped",
};

export const STATE_NAMES = Object.keys(STATES) as ImageState[];

export function StateDot({ state }: { state: ImageState }) {
  return <span className={classes.dot} data-state={state} aria-hidden="true" />;
}

export function StateBadge({ state }: { state: ImageState }) {
  return (
    <span className={classes.badge}>
      <StateDot state={state} />
      {STATES[state]}
    </span>
  );
}
