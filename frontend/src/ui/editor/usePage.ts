import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useLocation, useNavigate } from "react-router";
import type { ImageDetail, Project } from "../../api/client";
import type { PageActions, PaletteList } from "../../editor/commands";
import type { Editor } from "../../editor/editor";
import type { StateSetting } from "../../editor/state-journal";
import { useOutbox, useStates } from "../app/sending";
import { notifyError, notifyInfo } from "../shared/notify";
import { copyFromPrevious, fetchPrevious } from "./copyFromPrevious";
import { fetchNextToDo, type ImageStates, useImageStates } from "./useImageStates";
import { useLeaving } from "./useLeaving";

export interface Panels {
  readonly isHelpOpen: boolean;
  readonly isFilmstripOpen: boolean;
  readonly isEngineMenuOpen: boolean;
  readonly isHistoryOpen: boolean;
  readonly isCoverageOpen: boolean;
  /** Null: the palette is closed. */
  readonly palette: PaletteList | null;
}

const AT_FIRST: Panels = {
  isHelpOpen: false,
  isFilmstripOpen: true,
  isEngineMenuOpen: false,
  isHistoryOpen: false,
  isCoverageOpen: false,
  palette: null,
};

export interface Page {
  readonly actions: PageActions;
  readonly panels: Panels;
  readonly setPanels: (part: Partial<Panels>) => void;
  /** Null: not loaded, or not this user's to set. */
  readonly states: ImageStates | null;
  /** Whether another image was asked for, and is not open yet. */
  readonly isLeaving: () => boolean;
}

/** What is answered when the user went elsewhere must not pull them away from there. */
async function goToNextToDo(
  image: ImageDetail,
  waiting: ReadonlyMap<number, StateSetting>,
  go: (id: number) => void,
  isHere: () => boolean,
): Promise<void> {
  try {
    const id = await fetchNextToDo(image, waiting);
    if (!isHere()) return;
    if (id) go(id);
    else notifyInfo("Nothing left to do", "All others are done or skipped.");
  } catch (error) {
    if (isHere()) notifyError("The next image was not found", error);
  }
}

/** What is open around the canvas, and what commands do there. */
export function usePage(
  project: Project | undefined,
  image: ImageDetail | undefined,
  editor: Editor | null,
): Page {
  const journal = useOutbox()?.journal;
  const outbox = useStates();
  const navigate = useNavigate();
  const { key } = useLocation();
  const leaving = useRef(false);
  /** Counts how often the user went elsewhere. */
  const moves = useRef(0);
  const isLeaving = useCallback(() => leaving.current, []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each place is arrived at once
  useEffect(() => {
    leaving.current = false;
    return () => {
      moves.current += 1;
    };
  }, [key]);
  const [panels, setAll] = useState(AT_FIRST);
  useLeaving(editor);
  const isViewer = project?.role === "viewer";
  const states = useImageStates(isViewer ? undefined : image);
  const changing = useMemo(() => {
    const setPanels = (part: Partial<Panels>) => setAll((now) => ({ ...now, ...part }));
    const toggle = (name: Exclude<keyof Panels, "palette">) => () =>
      setAll((now) => ({ ...now, [name]: !now[name] }));
    return {
      setPanels,
      toggles: {
        toggleHelp: toggle("isHelpOpen"),
        toggleFilmstrip: toggle("isFilmstripOpen"),
        toggleEngines: toggle("isEngineMenuOpen"),
        toggleHistory: toggle("isHistoryOpen"),
        toggleCoverage: toggle("isCoverageOpen"),
        openPalette: (palette: PaletteList) => setPanels({ palette }),
      },
    };
  }, []);
  const actions = useMemo<PageActions>(() => {
    const mayLeave = () => !editor || editor.unfinished.mayLeave();
    const go = (id: number | null | undefined) => {
      if (!image || !id || !mayLeave()) return;
      leaving.current = true;
      moves.current += 1;
      void navigate(`/projects/${image.project_id}/images/${id}`);
    };
    return {
      ...changing.toggles,
      previousImage: () => go(image?.previous_id),
      nextImage: () => go(image?.next_id),
      finish: (state, goesOn) => {
        // A key that is held, or a second click, must not finish an image that nobody has seen.
        if (leaving.current || !editor || editor.image.id !== image?.id) return;
        // Where states are kept is not known yet: what was pressed must not be lost.
        if ((!states && !isViewer) || (goesOn && !mayLeave())) return;
        states?.set(!goesOn && states.current === state ? "in_progress" : state);
        if (!goesOn) return;
        if (image?.next_id) go(image.next_id);
        else notifyInfo("That was the last image", "The project has none after it.");
      },
      copyFromPrevious: () => {
        if (!image || !journal || editor?.image.id !== image.id) return;
        void copyFromPrevious(editor, () => fetchPrevious(image, journal));
      },
      nextToDo: () => {
        if (!image || !mayLeave()) return;
        const place = moves.current;
        const waiting = outbox?.journal.waiting.get() ?? new Map();
        void goToNextToDo(image, waiting, go, () => moves.current === place);
      },
    };
  }, [navigate, changing, image, states, isViewer, editor, journal, outbox]);
  return { actions, panels, setPanels: changing.setPanels, states, isLeaving };
}
