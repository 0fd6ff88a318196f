import type { Command, PageActions } from "./commands";
import type { Editor } from "./editor";

const OF_THE_PAGE: readonly Command["group"][] = ["View", "Images", "Help"];

/** Run a command; while an earlier moment is looked at, only those that change nothing, and Escape leaves it. */
export function runCommand(command: Command, editor: Editor, page: PageActions): void {
  if (command.id === "escape" && editor.past.moment.get()) editor.past.leave();
  else if (OF_THE_PAGE.includes(command.group) || !editor.past.forbids()) {
    command.run(editor, page);
  }
}
