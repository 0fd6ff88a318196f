import Interaction from "ol/interaction/Interaction";
import type { Editor } from "./editor";
import { type Gesture, GestureInteraction, GestureRunner } from "./gesture";
import type { Draft } from "./options";
import { Signal } from "./signal";
import type { Tool } from "./tool";

/** Whether more than one point is drawn: one is most often a click that went wrong, and soon clicked again. */
function hasPoints(draft: Draft | null): boolean {
  return draft?.kind === "ring" && (draft.handles ?? draft.points).length > 1;
}

/** The tools, the one in hand, and its gesture that runs. */
export class Toolbox {
  readonly tool: Signal<Tool>;
  private runners: readonly GestureRunner[] = [];

  constructor(
    private readonly editor: Editor,
    readonly tools: readonly Tool[],
    firstId: string,
  ) {
    const first = tools.find(({ id }) => id === firstId) ?? tools[0];
    if (!first) throw new Error("An editor needs a tool.");
    this.tool = new Signal(first);
  }

  get isBusy(): boolean {
    return this.runners.some((runner) => runner.isRunning);
  }

  /** Take a tool in hand; nothing happens when there is none of this id. */
  set(id: string): void {
    const tool = this.tools.find((candidate) => candidate.id === id);
    if (!tool) return;
    const { editor } = this;
    this.cancelGesture();
    this.tool.get().leave?.(editor);
    editor.putAway();
    const parts = tool.interactions(editor);
    this.runners = parts.filter((part) => part instanceof GestureRunner);
    for (const runner of this.runners) {
      runner.onBegin = () => editor.dropped.goOnWith(id);
      runner.onEnd = () => editor.draft.set(null);
    }
    editor.viewport.setInteractions(
      parts.map((part) =>
        part instanceof Interaction
          ? part
          : new GestureInteraction(part, editor.image, editor.contacts, editor.viewport.isHandHeld),
      ),
    );
    editor.viewport.setCursor(tool.cursor);
    this.tool.set(tool);
    editor.takenUp(tool);
  }

  /** The gesture that holds what is drawn; null when none does. */
  get drawing(): Gesture | null {
    return this.runners.find((runner) => runner.drawing)?.drawing ?? null;
  }

  /** Give a command to the gesture that runs; true when it took it. */
  feedCommand(id: string): boolean {
    return this.runners.some((runner) => runner.isRunning && runner.feed({ type: "command", id }));
  }

  /** One of several presses is put aside: undo goes on with it, but for a single point or what came back so. */
  cancelGesture(): boolean {
    return this.runners
      .map((runner, at) => this.putAside(runner, at) || runner.cancel())
      .some(Boolean);
  }

  private putAside(runner: GestureRunner, at: number): boolean {
    const { editor } = this;
    const isWorth = hasPoints(editor.draft.get()) && !runner.isAsResumed;
    const gesture = isWorth ? runner.putAside() : null;
    if (!gesture) return false;
    const { id } = this.tool.get();
    const selection = editor.selection.get();
    const combining = editor.combining.get();
    const goOn = () => {
      this.set(id);
      editor.select(selection);
      editor.combining.set(combining);
      this.runners[at]?.resume(gesture);
    };
    editor.dropped.keep("Drop outline", goOn, { toolId: id });
    return true;
  }
}
