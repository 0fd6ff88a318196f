import type { Command, PageActions } from "./commands";

/**
 * Keys that are pressed while the next image loads: the way on, and the tool to have in hand there. None that changes
 * annotations is kept: it would change what nobody has seen yet.
 */
export class KeysAhead {
  private moves: ((page: PageActions) => void)[] = [];
  private tool: Command | null = null;

  keep(command: Command): void {
    if (command.move) this.moves.push(command.move);
    else if (command.isTool) this.tool = command;
  }

  /** Go on as often as was pressed, until an image is left: the others are for the next one. */
  goOn(page: PageActions, isLeaving: () => boolean): void {
    while (!isLeaving()) {
      const move = this.moves.shift();
      if (!move) return;
      move(page);
    }
  }

  /** The last tool that was pressed, once. */
  takeTool(): Command | null {
    const { tool } = this;
    this.tool = null;
    return tool;
  }
}
