import { measured } from "./annotation";
import type { Editor } from "./editor";
import type { Notice } from "./options";
import type { Change } from "./store";

const VIEWED: Notice = {
  kind: "info",
  title: "Only to be viewed",
  detail: "Your role in this project does not let you change annotations.",
};
const LOCKED: Notice = {
  kind: "info",
  title: "This annotation is locked",
  detail: "Unlock it to change it.",
};
const LOCKED_STEP: Notice = {
  kind: "info",
  title: "The step changes a locked annotation",
  detail: "Unlock it to undo or redo the step.",
};
const EMPTIED: Notice = {
  kind: "info",
  title: "Nothing would be left",
  detail: "It would cover the centre of no pixel. Nothing was changed.",
};

/** Whether a change leaves an annotation without a pixel, which the server would refuse. */
function emptied({ id, before, after }: Change): boolean {
  if (!after || after.segmentation === before?.segmentation) return false;
  return measured(id, after, undefined).area === 0;
}

function isLocked(editor: Editor, changes: readonly Change[]): boolean {
  const locked = editor.visibility.locked.get();
  return changes.some(({ id, before }) => before && locked.has(id));
}

function tell(editor: Editor, obstacle: Notice | null): boolean {
  if (obstacle) editor.notify(obstacle);
  return obstacle !== null;
}

/** Whether something forbids changes; if so, the user is told what. */
export function isBarred(editor: Editor, changes: readonly Change[]): boolean {
  if (editor.isReadOnly) return tell(editor, VIEWED);
  if (isLocked(editor, changes)) return tell(editor, LOCKED);
  return tell(editor, changes.some(emptied) ? EMPTIED : null);
}

/** The same for what undo or redo would change. It may be nothing; that it is too small was seen when it was done. */
export function isStepBarred(editor: Editor, changes: readonly Change[]): boolean {
  if (changes.length === 0) return false;
  if (editor.isReadOnly) return tell(editor, VIEWED);
  return tell(editor, isLocked(editor, changes) ? LOCKED_STEP : null);
}
