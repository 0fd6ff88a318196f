import type { Command, PageActions } from "./commands";
import type { Editor } from "./editor";

const OF_THE_PAGE: readonly Command["group"][] = ["View", "Images", "Help"];

/** Run a command: a gesture that runs takes those that are its own. While an earlier moment is looked at, only those that change nothing, and Escape leaves it. */
export function runCommand(command: Command, editor: Editor, page: PageActions): void {
  if (editor.commandToGesture(command.id)) return;
  if (command.id === "escape" && editor.past.moment.get()) editor.past.leave();
  else if (OF_THE_PAGE.includes(command.group) || !editor.past.forbids()) {
    command.run(editor, page);
  }
}
