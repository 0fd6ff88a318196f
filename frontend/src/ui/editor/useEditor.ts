import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import {
  type Category,
  displayUrl,
  type ImageDetail,
  type Project,
  type Session,
} from "../../api/client";
import { fetchAnnotations, fetchDeleted } from "../../api/edits";
import { describeError } from "../../api/problems";
import { requestProposal, requestSimplifications } from "../../api/proposals";
import { isPassing } from "../../api/retry";
import type { ServerAnnotation } from "../../editor/annotation";
import { Editor } from "../../editor/editor";
import { LastCategories, takeCategories } from "../../editor/known-categories";
import { takeUpOutlines } from "../../editor/outline-store";
import { RecentCategories } from "../../editor/recent-categories";
import type { ImageSteps } from "../../editor/step-store";
import { tools } from "../../tools";
import { onHope } from "../app/hope";
import { outboxOf } from "../app/outbox";
import { outlinesOf } from "../app/outlines";
import { stepsOf } from "../app/steps";
import { keys, sessionOptions } from "../queries";
import { notifyError, notifyInfo } from "../shared/notify";
import { drawing } from "./drawSettings";
import { settings } from "./engineSettings";
import { annotationsAhead } from "./useAhead";

declare global {
  interface Window {
    /** For browser tests, which draw by mouse at places of the image: `editor.viewport.toScreen([x, y])`. */
    __segmentarium?: { editor: Editor };
  }
}

/** What the user last had in hand, kept from image to image. */
const inHand = {
  toolId: "select",
  categories: new LastCategories(),
  recentCategories: new RecentCategories(),
};

async function earlierSteps(session: Session, imageId: number): Promise<ImageSteps | null> {
  // To undo after a reload is a comfort: a browser that has lost the steps still opens the image.
  return (await stepsOf(session))?.of(imageId).catch(() => null) ?? null;
}

/** Whether a step tells of an annotation that is not there, so that undo or redo might bring it back. */
function isAnyGone(steps: ImageSteps | null, annotations: readonly ServerAnnotation[]): boolean {
  if (!steps) return false;
  const present = new Set(annotations.map(({ id }) => id));
  return [...steps.kept.done, ...steps.kept.undone].some(({ changes }) =>
    changes.some(({ id }) => !present.has(id)),
  );
}

interface Opened {
  readonly fresh: Editor;
  /** What was drawn here before there was any category becomes annotations, or asks again. */
  readonly takeUp: () => void;
}

async function openEditor(
  session: Session,
  project: Project,
  image: ImageDetail,
  categories: readonly Category[],
  refreshCategories: () => void,
): Promise<Opened> {
  const { journal, send } = await outboxOf(session);
  // The journal first: an edit that is acknowledged in between is then in what the server answers.
  const pending = await journal.pending(image.id);
  const annotations = (await annotationsAhead.take(image.id)) ?? (await fetchAnnotations(image.id));
  const steps = await earlierSteps(session, image.id);
  const deleted = isAnyGone(steps, annotations) ? await fetchDeleted(image.id) : [];
  const outlines = await outlinesOf(session);
  const kept = await outlines.of(image.id);
  const isReadOnly = project.role === "viewer";
  const fresh = new Editor({
    image: { id: image.id, width: image.width, height: image.height, url: displayUrl(image) },
    annotations,
    pending,
    deleted,
    ...(steps ? { steps } : {}),
    categories,
    activeCategory: inHand.categories.of(project.id, categories),
    recentCategories: inHand.recentCategories,
    tools: isReadOnly ? tools.filter(({ id }) => id === "select" || id === "pan") : tools,
    toolId: inHand.toolId,
    journal,
    send,
    propose: (asked, signal) => requestProposal(image.id, asked, signal),
    simplify: (rle, tolerances) => requestSimplifications(image.id, rle, tolerances),
    settings,
    drawing,
    notify: ({ kind, title, detail }) =>
      kind === "error" ? notifyError(title, new Error(detail)) : notifyInfo(title, detail),
    describe: describeError,
    isPassing,
    refreshCategories,
    isReadOnly,
  });
  return { fresh, takeUp: () => takeUpOutlines(fresh, kept, outlines) };
}

/** The editor of an image, made anew for each image; null while it loads. */
export function useEditor(
  project: Project | undefined,
  image: ImageDetail | undefined,
  categories: readonly Category[] | undefined,
): { editor: Editor | null; error: unknown } {
  const [opened, setOpened] = useState<{ editor: Editor | null; error: unknown }>({
    editor: null,
    error: null,
  });
  const client = useQueryClient();
  const isReady = project !== undefined && categories !== undefined;
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new count or category must not open the image again
  useEffect(() => {
    if (!project || !image || !categories) return;
    let isGone = false;
    let editor: Editor | null = null;
    const refresh = () =>
      void client.invalidateQueries({ queryKey: keys.categories(project.id), exact: true });
    const opening = client
      .ensureQueryData(sessionOptions)
      .then((session) => openEditor(session, project, image, categories, refresh));
    opening.then(
      ({ fresh, takeUp }) => {
        if (isGone) return fresh.dispose();
        editor = fresh;
        fresh.tool.subscribe(({ id }) => {
          inHand.toolId = id;
        });
        const note = (id: number | null) => inHand.categories.note(project.id, id);
        note(fresh.activeCategory.get());
        fresh.activeCategory.subscribe(note);
        takeUp();
        window.__segmentarium = { editor: fresh };
        setOpened({ editor: fresh, error: null });
      },
      (error: unknown) => {
        if (!isGone) setOpened({ editor: null, error });
      },
    );
    return () => {
      isGone = true;
      delete window.__segmentarium;
      setOpened({ editor: null, error: null });
      editor?.dispose();
    };
  }, [image?.id, isReady]);

  const { editor } = opened;
  useEffect(() => {
    if (editor && categories) takeCategories(editor, categories);
  }, [editor, categories]);
  useEffect(() => {
    if (!editor) return;
    return onHope(editor.sync.retryNow);
  }, [editor]);
  return opened;
}
