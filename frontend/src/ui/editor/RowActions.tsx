import {
  IconEye,
  IconEyeOff,
  IconFocus2,
  IconLock,
  IconLockOpen,
  IconTrash,
} from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useEditorContext } from "./context";
import classes from "./Lists.module.css";

interface ActionProps {
  readonly name: string;
  /** Whether it holds now, where it can be on or off; then it is seen without pointing at the row. */
  readonly isOn?: boolean;
  readonly act: () => void;
  readonly children: ReactNode;
}

function Action({ name, isOn, act, children }: ActionProps) {
  return (
    <button
      type="button"
      className={classes.small}
      aria-label={name}
      title={name}
      {...(isOn === undefined ? {} : { "aria-pressed": isOn })}
      onClick={act}
    >
      {children}
    </button>
  );
}

interface Props {
  readonly id: string;
  readonly isHidden: boolean;
  readonly isLocked: boolean;
  readonly isSolo: boolean;
}

/** What can be done with one annotation from its row, without selecting it. */
export function RowActions({ id, isHidden, isLocked, isSolo }: Props) {
  const editor = useEditorContext();
  const { visibility } = editor;
  return (
    <span className={classes.actions}>
      <Action
        name={isSolo ? "Show the others too" : "Show alone"}
        isOn={isSolo}
        act={() => visibility.setSolo(id)}
      >
        <IconFocus2 size={14} />
      </Action>
      <Action
        name={isLocked ? "Unlock" : "Lock"}
        isOn={isLocked}
        act={() => visibility.setLocked([id], !isLocked)}
      >
        {isLocked ? <IconLock size={14} /> : <IconLockOpen size={14} />}
      </Action>
      <Action
        name={isHidden ? "Show" : "Hide"}
        isOn={isHidden}
        act={() => editor.setHidden([id], !isHidden)}
      >
        {isHidden ? <IconEyeOff size={14} /> : <IconEye size={14} />}
      </Action>
      <Action name="Delete annotation" act={() => editor.remove(id)}>
        <IconTrash size={14} />
      </Action>
    </span>
  );
}
