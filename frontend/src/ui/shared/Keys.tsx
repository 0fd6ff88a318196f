import { keyCaps } from "../../editor/keyboard";
import classes from "./Keys.module.css";

const isMac = navigator.platform.startsWith("Mac");

/** A key combination as key caps. */
export function Keys({ of }: { of: string }) {
  return (
    <span className={classes.keys}>
      {keyCaps(of, isMac).map((cap) => (
        <kbd key={cap}>{cap}</kbd>
      ))}
    </span>
  );
}
