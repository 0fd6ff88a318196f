import { keyCaps } from "../../editor/keyboard";
import classes from "./Keys.module.css";
import { isMac } from "./mac";

/** A key combination as key caps; nothing of none. */
export function Keys({ of }: { of: string }) {
  if (!of) return null;
  return (
    <span className={classes.keys}>
      {keyCaps(of, isMac).map((cap) => (
        <kbd key={cap}>{cap}</kbd>
      ))}
    </span>
  );
}
