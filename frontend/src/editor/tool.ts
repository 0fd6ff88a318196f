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
  /** Its place in the tool bar; those of one group of ten stand together. */
  readonly order: number;
  readonly cursor: string;
  /** What the tool gives an engine to start from; absent when it asks none. */
  readonly startsFrom?: Start;
  /** The engine that it asks; absent when that is the user's choice. */
  readonly engine?: string;
  /** Whether it works on the selected annotation, which then stays selected and shows no vertices. */
  readonly keepsSelection?: boolean;
  /** Whether it begins with a box, whose corner is placed by what is level and upright with it. */
  readonly isBoxed?: boolean;
  /** Whether it draws shapes, which can also be added to the selected annotation or cut from it. */
  readonly isShape?: boolean;
  /** Makes what the tool draws with wider or narrower. */
  readonly resize?: (editor: Editor, step: 1 | -1) => void;
  /** Name of the tool's icon; the interface draws it. */
  readonly icon: string;
  readonly hints: readonly Hint[];
  /** The line of the status bar for what the user can do now. */
  readonly hint: (editor: Editor) => string;
  readonly interactions: (editor: Editor) => readonly (GestureRunner | Interaction)[];
  readonly leave?: (editor: Editor) => void;
}
