import type { ImageDetail } from "../../api/client";
import { fetchAnnotations } from "../../api/edits";
import { copyInto, type Source, withEdits } from "../../editor/copying";
import type { Editor } from "../../editor/editor";
import type { Journal } from "../../editor/journal";
import { plural } from "../shared/format";
import { notifyError } from "../shared/notify";
import { listImages } from "./listImages";

/** The image before, with its name. */
export interface Previous extends Source {
  readonly name: string;
}

/** What there is to copy, that included whose edits are still on their way; null: this is the first image. */
export async function fetchPrevious(
  { project_id, previous_id }: ImageDetail,
  journal: Journal,
): Promise<Previous | null> {
  if (previous_id === null) return null;
  const [pending, [previous]] = await Promise.all([
    journal.pending(previous_id),
    listImages(project_id, previous_id - 1, 1),
  ]);
  if (!previous) return null;
  const { width, height, name } = previous;
  const contents = withEdits(await fetchAnnotations(previous_id), pending);
  return { width, height, name, contents };
}

/** @returns what to tell the user, but what the editor tells itself */
function copy(editor: Editor, previous: Previous | null): [title: string, detail: string] | null {
  if (!previous) return ["Nothing to copy", "This is the first image."];
  const { width, height, name, contents } = previous;
  if (contents.length === 0) return ["Nothing to copy", `${name} has no annotations.`];
  const count = copyInto(editor, previous);
  if (count === null) {
    return ["The images differ in size", `${name} is ${width} × ${height}: nothing was copied.`];
  }
  if (count === "barred") return null;
  return count > 0
    ? [`${plural(count, "annotation")} copied`, `From ${name}.`]
    : ["Nothing to copy", `All annotations of ${name} are here already.`];
}

/** Editors that wait for what they copy. */
const waiting = new WeakSet<Editor>();

/**
 * Copy the annotations of the image before: once, however often it was asked for before they came, and into an editor that
 * is still open. Whoever left the image and came back has another one, which knows nothing of the copies.
 */
export async function copyFromPrevious(
  editor: Editor,
  ask: () => Promise<Previous | null>,
): Promise<void> {
  if (waiting.has(editor)) return;
  waiting.add(editor);
  try {
    const previous = await ask();
    const told = editor.isOpen ? copy(editor, previous) : null;
    if (told) editor.notify({ kind: "info", title: told[0], detail: told[1] });
  } catch (error) {
    if (editor.isOpen) notifyError("Nothing was copied", error);
  } finally {
    waiting.delete(editor);
  }
}
