import type { ReactNode } from "react";
import classes from "./Message.module.css";

interface Props {
  readonly icon?: ReactNode;
  readonly title: string;
  readonly children?: ReactNode;
  readonly action?: ReactNode;
}

/** Words in the middle of an otherwise empty place: what it is for, and what to do next. */
export function Message({ icon, title, children, action }: Props) {
  return (
    <div className={classes.message}>
      {icon && <div className={classes.icon}>{icon}</div>}
      <h2>{title}</h2>
      <div className={classes.text}>{children}</div>
      {action}
    </div>
  );
}
