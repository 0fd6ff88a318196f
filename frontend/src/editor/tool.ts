import type Interaction from "ol/interaction/Interaction";
import type { Editor } from "./editor";
import type { GestureRunner } from "./gesture";
import type { Start } from "./prompt";

/** A way to work with the mouse, for the shortcut sheet: what to do and what it does. */
export interface Hint {
  readonly keys: string;
  readonly does: string;
}

/** One tool of the tool bar. A tool touches no DOM and no network: it talks to the editor. */
export interface Tool {
  readonly id: string;
  readonly title: string;
  readonly hotkey: string;
  readonly order: number;
  readonly cursor: string;
  /** What the tool gives an engine to start from; absent when it asks none. */
  readonly startsFrom?: Start;
  /** Name of the tool's icon; the interface draws it. */
  readonly icon: string;
  readonly hints: readonly Hint[];
  /** The line of the status bar for what the user can do now. */
  readonly hint: (editor: Editor) => string;
  readonly interactions: (editor: Editor) => readonly (GestureRunner | Interaction)[];
  readonly leave?: (editor: Editor) => void;
}
