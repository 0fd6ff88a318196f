import type { ImageDetail } from "../../api/client";
import { fetchAnnotations } from "../../api/edits";
import { copyInto, withEdits } from "../../editor/copying";
import type { Editor } from "../../editor/editor";
import type { Journal } from "../../editor/journal";
import { plural } from "../shared/format";
import { notifyError, notifyInfo } from "../shared/notify";
import { listImages } from "./listImages";

/** Copy the annotations of the image before, those included whose edits are still on their way. */
export async function copyFromPrevious(
  editor: Editor,
  { project_id, previous_id }: ImageDetail,
  journal: Journal,
): Promise<void> {
  if (previous_id === null) {
    notifyInfo("Nothing to copy", "This is the first image.");
    return;
  }
  try {
    const [pending, [previous]] = await Promise.all([
      journal.pending(previous_id),
      listImages(project_id, previous_id - 1, 1),
    ]);
    if (!previous) return;
    const contents = withEdits(await fetchAnnotations(previous_id), pending);
    const { width, height, name } = previous;
    if (contents.length === 0) {
      notifyInfo("Nothing to copy", `${name} has no annotations.`);
      return;
    }
    const count = copyInto(editor, { width, height, contents });
    if (count === null) {
      notifyInfo(
        "The images differ in size",
        `${name} is ${width} × ${height}: nothing was copied.`,
      );
    } else if (count === 0 && !editor.isReadOnly) {
      notifyInfo("Nothing to copy", `All annotations of ${name} are here already.`);
    } else if (count > 0) notifyInfo(`${plural(count, "annotation")} copied`, `From ${name}.`);
  } catch (error) {
    notifyError("Nothing was copied", error);
  }
}
