import type { BoxXYXY } from "../geometry/boxes";
import type { Point, Size } from "../geometry/points";
import type { Polygons } from "../geometry/polygons";
import type { AnnotationContent, Category, Segmentation, ServerAnnotation } from "./annotation";
import type { Simplify } from "./detail";
import type { DrawSettings } from "./draw-settings";
import type { StepKeeper, Steps } from "./history";
import type { Edit, Journal } from "./journal";
import type { Mark } from "./prompt";
import type { Propose } from "./proposals";
import type { RecentCategories } from "./recent-categories";
import type { Outlined } from "./reshape";
import type { ProposalSettings } from "./settings";
import type { Stroked } from "./stroke-renderer";
import type { Send } from "./sync";
import type { Tool } from "./tool";
import type { PixelReader } from "./wire";

export interface EditorImage extends Size {
  readonly id: number;
  readonly url: string;
  /** Reads the picture; without it the one that is shown is read. */
  readonly pixels?: PixelReader;
}

/** What is being drawn and not yet an annotation. */
export type Draft =
  | {
      kind: "ring";
      points: readonly Point[];
      cursor: Point | null;
      closes: boolean;
      handles?: readonly Point[];
    }
  | { kind: "box"; box: BoxXYXY }
  | { kind: "mark"; mark: Mark }
  | { kind: "shape"; polygons: Polygons }
  | { kind: "stroke"; id: string | null; stroked: Stroked }
  | { kind: "line"; points: readonly Point[]; isMeasured: boolean }
  | { kind: "change"; id: string; polygons: Polygons; also?: readonly Outlined[] };

/** The annotations that a draft is drawn instead of. */
export function replacedBy(draft: Draft | null): readonly string[] {
  if (draft?.kind === "stroke") return draft.id === null ? [] : [draft.id];
  if (draft?.kind !== "change") return [];
  return [draft.id, ...(draft.also ?? []).map(({ id }) => id)];
}

/** What an annotation is made of, but its category. */
export interface Drawn {
  readonly segmentation: Segmentation;
  readonly source: string;
  readonly score: number | null;
}

/** A finished outline that waits for a category. */
export interface AwaitingCategory extends Drawn {
  /** Of the annotation that it becomes: however many tabs make it one, it is one. */
  readonly id: string;
  /** It was drawn while there were categories, but none in hand: which one is asked for, also at the next visit. */
  readonly isUnpicked?: true;
  /** The annotation that it is of, whose category is gone; absent where there was no category to draw with. */
  readonly refused?: {
    readonly id: string;
    readonly content: AnnotationContent;
    /** The name of the category; null when it was gone before this page was opened. */
    readonly category: string | null;
  };
}

export interface Notice {
  readonly kind: "error" | "info";
  readonly title: string;
  readonly detail: string;
}

export interface EditorOptions {
  readonly image: EditorImage;
  readonly annotations: readonly ServerAnnotation[];
  readonly pending: readonly Edit[];
  readonly categories: readonly Category[];
  readonly activeCategory: number | null;
  /** Those of the images before. */
  readonly recentCategories?: RecentCategories;
  readonly tools: readonly Tool[];
  /** The tool in hand at the start; the first one when there is none of this id. */
  readonly toolId: string;
  /** The steps of earlier visits, and where those of this one are kept; without it they go with the page. */
  readonly steps?: { readonly kept: Steps; readonly keeper: StepKeeper };
  /** Revisions of deleted annotations, so that they can be brought back. */
  readonly deleted?: readonly { readonly id: string; readonly revision: number }[];
  readonly journal: Journal;
  readonly send: Send;
  readonly propose: Propose;
  readonly simplify: Simplify;
  readonly settings: ProposalSettings;
  readonly drawing: DrawSettings;
  readonly notify: (notice: Notice) => void;
  readonly describe: (error: unknown) => string;
  /** Will the same work in a while? It is then told without alarm. */
  readonly isPassing: (error: unknown) => boolean;
  /** A category turned out to be gone: the list is to be fetched anew. */
  readonly refreshCategories: () => void;
  readonly isReadOnly?: boolean;
}
