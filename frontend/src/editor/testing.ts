import type { Point } from "../geometry/points";
import type { AnnotationContent, ServerAnnotation } from "./annotation";
import type { Asked } from "./asking";
import { makeCommands, type PageActions } from "./commands";
import { drawSettings } from "./draw-settings";
import { Editor } from "./editor";
import { GestureRunner, type PointerStep } from "./gesture";
import { type Edit, memoryJournal } from "./journal";
import { type KeyMap, withKeys } from "./key-map";
import { commandFor } from "./keyboard";
import type { EditorOptions, Notice } from "./options";
import type { Proposal } from "./proposal";
import { runCommand } from "./run-command";
import { proposalSettings } from "./settings";
import type { EditResult, SendOutcome } from "./sync";
import type { Tool } from "./tool";

// Small real things for the tests of the editor and of the tools.

export function square(x: number, y: number, side: number) {
  return [[[x, y, x + side, y, x + side, y + side, x, y + side]]];
}

export function content(part: Partial<AnnotationContent> = {}): AnnotationContent {
  return {
    category_id: 1,
    segmentation: square(0, 0, 4),
    iscrowd: false,
    z_order: 1,
    source: "manual",
    score: null,
    ...part,
  };
}

export function serverAnnotation(
  id: string,
  part: Partial<ServerAnnotation> = {},
): ServerAnnotation {
  return { ...content(), id, bbox_xywh: [0, 0, 4, 4], area: 16, revision: 1, ...part };
}

/** A server of one image that keeps the rules of the edits API: all or none, once, revisions. */
export class TestServer {
  readonly held = new Map<string, { revision: number; annotation: ServerAnnotation | null }>();
  readonly received: Edit[][] = [];
  private readonly answers = new Map<string, EditResult>();
  /** Outcomes to answer instead, one a request; "lost": applied, but the answer does not arrive. */
  script: (SendOutcome | "lost")[] = [];

  constructor(annotations: readonly ServerAnnotation[] = []) {
    for (const annotation of annotations) {
      this.held.set(annotation.id, { revision: annotation.revision, annotation });
    }
  }

  readonly send = async (_: number, edits: readonly Edit[]): Promise<SendOutcome> => {
    this.received.push([...edits]);
    const scripted = this.script.shift();
    if (scripted && scripted !== "lost") return scripted;
    const outcome = this.apply(edits);
    return scripted === "lost" ? { kind: "unreachable" } : outcome;
  };

  annotations(): ServerAnnotation[] {
    return [...this.held.values()].flatMap(({ annotation }) => annotation ?? []);
  }

  private apply(edits: readonly Edit[]): SendOutcome {
    const before = new Map(this.held);
    const results: EditResult[] = [];
    for (const edit of edits) {
      const known = this.answers.get(edit.edit_id);
      if (known) {
        results.push(known);
        continue;
      }
      const id = edit.annotation_id;
      const held = this.held.get(id) ?? { revision: 0, annotation: null };
      if (held.revision !== edit.base_revision) {
        this.held.clear();
        for (const [key, value] of before) this.held.set(key, value);
        return { kind: "conflict", current: [{ id, ...held }] };
      }
      const revision = held.revision + 1;
      const annotation = edit.annotation && {
        ...serverAnnotation(id),
        ...edit.annotation,
        revision,
      };
      this.held.set(id, { revision, annotation });
      results.push({ edit_id: edit.edit_id, annotation_id: id, revision, annotation });
    }
    for (const result of results) this.answers.set(result.edit_id, result);
    return { kind: "applied", results };
  }
}

/** A mask of 20 × 20 pixels on an image of 100 × 80, and its outline. */
export const PROPOSAL: Proposal = {
  polygons: square(10, 10, 20),
  rle: { size: [80, 100], counts: [810, ...Array(19).fill([20, 60]).flat(), 20, 5650] },
  simplification: { tolerance_px: 1, iou: 0.98, vertices: 4 },
  engine: "grabcut",
  score: 0.9,
  elapsed_ms: 40,
  fallback: null,
};

export interface TestEditor {
  readonly editor: Editor;
  readonly server: TestServer;
  readonly notices: Notice[];
  readonly asked: Asked[];
}

export function testEditor(
  tools: readonly Tool[],
  annotations: readonly ServerAnnotation[] = [],
  part: Partial<EditorOptions> = {},
): TestEditor {
  const server = new TestServer(annotations);
  const notices: Notice[] = [];
  const asked: Asked[] = [];
  const editor = new Editor({
    image: { id: 7, width: 100, height: 80, url: "/image" },
    annotations,
    pending: [],
    categories: [
      { id: 1, name: "cat", color: "#ff6b6b", hotkey: "1", isthing: true },
      { id: 2, name: "cup", color: "#4c8dff", hotkey: "2", isthing: true },
    ],
    activeCategory: 1,
    tools,
    toolId: tools[0]?.id ?? "",
    journal: memoryJournal(),
    send: server.send,
    propose: async (prompt) => {
      asked.push(prompt);
      return PROPOSAL;
    },
    simplify: async (_, tolerances) =>
      tolerances.map((tolerance_px) => ({
        tolerance_px,
        iou: 1 / (1 + tolerance_px),
        vertices: 4,
        polygons: square(10, 10, 20 + tolerance_px),
      })),
    settings: proposalSettings(),
    drawing: drawSettings(),
    notify: (notice) => notices.push(notice),
    describe: String,
    isPassing: () => false,
    refreshCategories: () => {},
    ...part,
  });
  return { editor, server, notices, asked };
}

export function step(
  type: PointerStep["type"],
  point: Point,
  part: Partial<PointerStep> = {},
): PointerStep {
  return {
    type,
    point,
    pixel: point,
    shift: false,
    alt: false,
    unitsPerPixel: 1,
    pressure: 1,
    isFinger: false,
    ...part,
  };
}

/** The one gesture of a tool. */
export function gestureOf(tool: Tool, editor: Editor): GestureRunner {
  const runner = tool.interactions(editor).find((part) => part instanceof GestureRunner);
  if (!runner) throw new Error(`The tool ${tool.id} has no gesture.`);
  runner.onEnd = () => editor.draft.set(null);
  return runner;
}

/** A tool, and the one gesture that the editor runs for it. */
export function watched(tool: Tool): { tool: Tool; runner: () => GestureRunner } {
  let runner: GestureRunner | undefined;
  const interactions: Tool["interactions"] = (editor) => {
    const parts = tool.interactions(editor);
    runner = parts.find((part) => part instanceof GestureRunner);
    return parts;
  };
  return {
    tool: { ...tool, interactions },
    runner: () => {
      if (!runner) throw new Error(`The tool ${tool.id} was not taken up.`);
      return runner;
    },
  };
}

/** Press, move over the points, release. */
export function drag(runner: GestureRunner, points: readonly Point[], part = {}): void {
  const [first, ...others] = points;
  if (!first) return;
  runner.feed(step("pointerdown", first, part));
  for (const point of others) runner.feed(step("pointermove", point, part));
  runner.feed(step("pointerup", others.at(-1) ?? first, part));
}

/** Press a key, as the user's map has it. */
export function pressKey(editor: Editor, key: string, map: KeyMap = {}): void {
  const command = commandFor(withKeys(makeCommands(editor.tools), map), key);
  if (command) runCommand(command, editor, {} as PageActions);
}
