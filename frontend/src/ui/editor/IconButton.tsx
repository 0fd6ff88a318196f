import { ActionIcon, Tooltip } from "@mantine/core";
import type { ReactNode } from "react";
import { Keys } from "../shared/Keys";
import { keyFor } from "./commands";
import classes from "./IconButton.module.css";

interface Props {
  readonly name: string;
  /** The command whose key the tooltip shows. */
  readonly command?: string;
  readonly side?: "right" | "bottom";
  readonly isPressed?: boolean;
  readonly isDisabled?: boolean;
  /** More words for the tooltip. */
  readonly note?: string;
  readonly onClick: () => void;
  readonly children: ReactNode;
}

/** A button that shows an icon and says its name and key in a tooltip. */
export function IconButton(props: Props) {
  const { name, command, side = "bottom", isPressed, isDisabled = false, note, onClick } = props;
  const key = command ? keyFor(command) : "";
  return (
    <Tooltip
      position={side}
      label={
        <span className={classes.tip}>
          {note ?? name}
          {key && <Keys of={key} />}
        </span>
      }
    >
      <ActionIcon
        aria-label={name}
        {...(isPressed === undefined ? {} : { "aria-pressed": isPressed })}
        // Not `disabled`: the tooltip would stay away, and the focus would be lost.
        aria-disabled={isDisabled}
        data-disabled={isDisabled}
        className={classes.button ?? ""}
        onClick={() => !isDisabled && onClick()}
      >
        {props.children}
      </ActionIcon>
    </Tooltip>
  );
}
