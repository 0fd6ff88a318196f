import classes from "./FileName.module.css";
import { halves } from "./halves";

/** A name that is cut in its middle where there is no room: names of one series differ at their ends. */
export function FileName({ of }: { of: string }) {
  const [head, tail] = halves(of);
  return (
    <span className={classes.name}>
      <span>{head}</span>
      {tail && <span>{tail}</span>}
    </span>
  );
}
