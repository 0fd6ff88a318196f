import { Button } from "@mantine/core";
import { IconHistory } from "@tabler/icons-react";
import { plural } from "../shared/format";
import { notifyInfo } from "../shared/notify";
import { useSignal } from "../shared/useSignal";
import { useEditorContext } from "./context";
import classes from "./PastBanner.module.css";

/** Says that what is seen is not what is there now, with the two ways out. */
export function PastBanner() {
  const editor = useEditorContext();
  const moment = useSignal(editor.past.moment);
  if (!moment) return null;
  const restore = () => {
    const left = editor.past.restore();
    if (left > 0) {
      notifyInfo(
        "Restored in part",
        `${plural(left, "annotation")} stayed away: the category is gone.`,
      );
    }
  };
  return (
    <div className={classes.banner} role="status" data-testid="past-banner">
      <IconHistory size={16} stroke={1.8} aria-hidden="true" />
      <span>
        <strong>An earlier moment</strong> with {plural(moment.contents.size, "annotation")}, only
        to be viewed
      </span>
      <Button variant="default" onClick={() => editor.past.leave()}>
        Back to now
      </Button>
      {!editor.isReadOnly && <Button onClick={restore}>Restore this moment</Button>}
    </div>
  );
}
