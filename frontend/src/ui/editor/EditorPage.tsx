import { useQuery } from "@tanstack/react-query";
import { type MouseEvent, useEffect, useMemo, useState } from "react";
import { useNavigate, useParams } from "react-router";
import { describeError, ProblemError } from "../../api/problems";
import type { PageActions, PaletteList } from "../../editor/commands";
import { NotFound } from "../app/NotFound";
import { imageOptions, useCategories, useProject } from "../queries";
import { Message } from "../shared/Message";
import { useSignal } from "../shared/useSignal";
import { AnnotationList } from "./AnnotationList";
import { Canvas } from "./Canvas";
import { CategoryList } from "./CategoryList";
import { CommandPalette } from "./CommandPalette";
import { commands } from "./commands";
import { EditorContext } from "./context";
import classes from "./EditorPage.module.css";
import { Filmstrip } from "./Filmstrip";
import { HistoryPanel } from "./HistoryPanel";
import { ShortcutSheet } from "./ShortcutSheet";
import { StatusBar } from "./StatusBar";
import { ToolBar } from "./ToolBar";
import { TopBar } from "./TopBar";
import { useEditor } from "./useEditor";
import { useKeyboard } from "./useKeyboard";
import { useRefreshOnLeave, useRefreshWhenBegun } from "./useRefresh";

/** A click on a button leaves the focus where it is, so that Enter and Space go on meaning the canvas. */
function keepFocus(event: MouseEvent): void {
  const { target } = event;
  if (target instanceof Element && target.closest("button") && !target.closest("[role=dialog]")) {
    event.preventDefault();
  }
}

export function EditorPage() {
  const params = useParams();
  const projectId = Number(params.projectId);
  const imageId = Number(params.imageId);
  const navigate = useNavigate();
  const [isHelpOpen, setIsHelpOpen] = useState(false);
  const [isFilmstripOpen, setIsFilmstripOpen] = useState(true);
  const [isEngineMenuOpen, setIsEngineMenuOpen] = useState(false);
  const [isHistoryOpen, setIsHistoryOpen] = useState(false);
  const [paletteList, setPaletteList] = useState<PaletteList | null>(null);
  const project = useProject(projectId);
  const categories = useCategories(projectId);
  const image = useQuery(imageOptions(imageId));
  const { editor, error } = useEditor(project.data, image.data, categories.data);
  useRefreshOnLeave(projectId, imageId);
  useRefreshWhenBegun(editor, image.data);
  useEffect(() => {
    if (image.data) document.title = `${image.data.name} – Segmentarium`;
    return () => {
      document.title = "Segmentarium";
    };
  }, [image.data]);

  const previous = image.data?.previous_id;
  const next = image.data?.next_id;
  const page = useMemo<PageActions>(() => {
    const go = (id: number | null | undefined) => () => {
      if (id) void navigate(`/projects/${projectId}/images/${id}`);
    };
    return {
      previousImage: go(previous),
      nextImage: go(next),
      toggleHelp: () => setIsHelpOpen((open) => !open),
      toggleFilmstrip: () => setIsFilmstripOpen((open) => !open),
      toggleEngines: () => setIsEngineMenuOpen((open) => !open),
      toggleHistory: () => setIsHistoryOpen((open) => !open),
      openPalette: setPaletteList,
    };
  }, [navigate, projectId, previous, next]);
  useKeyboard(editor, useSignal(commands), page);

  const failure = image.error ?? project.error ?? categories.error ?? error;
  if (failure instanceof ProblemError && failure.status === 404) return <NotFound what="image" />;
  return (
    <EditorContext value={editor}>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: it only keeps the focus from moving */}
      <div className={classes.page} onMouseDown={keepFocus}>
        <TopBar
          project={project.data}
          image={image.data}
          isOpen={editor !== null}
          page={page}
          isHistoryOpen={isHistoryOpen}
        />
        <div className={classes.middle} data-filmstrip={isFilmstripOpen}>
          {editor ? <ToolBar /> : <div className={classes.tools} />}
          {isFilmstripOpen && <Filmstrip projectId={projectId} imageId={imageId} />}
          {editor ? (
            <Canvas key={editor.image.id} projectId={projectId} />
          ) : (
            <div className={classes.noCanvas}>
              {failure ? (
                <Message title="The image could not be opened">{describeError(failure)}</Message>
              ) : null}
            </div>
          )}
          <aside className={classes.side}>
            {editor && isHistoryOpen && (
              <HistoryPanel key={editor.image.id} onClose={page.toggleHistory} />
            )}
            {editor && !isHistoryOpen && (
              <>
                <CategoryList projectId={projectId} />
                <AnnotationList />
              </>
            )}
          </aside>
        </div>
        {editor ? (
          <StatusBar
            isEngineMenuOpen={isEngineMenuOpen}
            setIsEngineMenuOpen={setIsEngineMenuOpen}
          />
        ) : (
          <footer className={classes.status} />
        )}
        <CommandPalette
          list={paletteList}
          setList={setPaletteList}
          page={page}
          projectId={projectId}
          onClose={() => setPaletteList(null)}
        />
        <ShortcutSheet opened={isHelpOpen} onClose={() => setIsHelpOpen(false)} />
      </div>
    </EditorContext>
  );
}
