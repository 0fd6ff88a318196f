import { Keys } from "../shared/Keys";
import { keyFor } from "./commands";
import { useEditorContext } from "./context";
import classes from "./Lists.module.css";

/** A tool's key or, when the user gave that away, its name. */
function ToolKey({ id }: { readonly id: string }) {
  const { tools } = useEditorContext();
  const key = keyFor(`tool-${id}`);
  return key ? <Keys of={key} /> : <em>{tools.find((tool) => tool.id === id)?.title}</em>;
}

/** What to do on an image without annotations. */
export function EmptyList() {
  const { isReadOnly } = useEditorContext();
  if (isReadOnly) return <p className={classes.empty}>Nothing has been annotated here yet.</p>;
  return (
    <p className={classes.empty}>
      Nothing here yet. Drag a box over an object with <ToolKey id="box-prompt" />, click on it with{" "}
      <ToolKey id="point-prompt" />, or draw around it with <ToolKey id="polygon" />.
    </p>
  );
}
