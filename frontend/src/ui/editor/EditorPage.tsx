import { useQuery } from "@tanstack/react-query";
import { type MouseEvent, useEffect } from "react";
import { useParams } from "react-router";
import { describeError, ProblemError } from "../../api/problems";
import { NotFound } from "../app/NotFound";
import { useOutbox } from "../app/sending";
import { imageOptions, useCategories, useProject } from "../queries";
import { Message } from "../shared/Message";
import { useSignal } from "../shared/useSignal";
import { AnnotationList } from "./AnnotationList";
import { Canvas } from "./Canvas";
import { CategoryList } from "./CategoryList";
import { CommandPalette } from "./CommandPalette";
import { CoveragePanel } from "./CoveragePanel";
import { commands } from "./commands";
import { EditorContext } from "./context";
import classes from "./EditorPage.module.css";
import { Filmstrip } from "./Filmstrip";
import { FilterBar } from "./FilterBar";
import { HistoryPanel } from "./HistoryPanel";
import { ShortcutSheet } from "./ShortcutSheet";
import { StatusBar } from "./StatusBar";
import { ToolBar } from "./ToolBar";
import { TopBar } from "./TopBar";
import { useAhead } from "./useAhead";
import { useEditor } from "./useEditor";
import { useKeyboard } from "./useKeyboard";
import { usePage } from "./usePage";
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
  const project = useProject(projectId);
  const categories = useCategories(projectId);
  const image = useQuery(imageOptions(imageId));
  const { editor, error } = useEditor(project.data, image.data, categories.data);
  useAhead(editor, image.data, useOutbox()?.journal);
  useRefreshOnLeave(projectId, imageId);
  useRefreshWhenBegun(editor, image.data);
  useEffect(() => {
    if (image.data) document.title = `${image.data.name} – Segmentarium`;
    return () => {
      document.title = "Segmentarium";
    };
  }, [image.data]);

  const page = usePage(project.data, image.data, editor);
  const { actions, panels, setPanels, states } = page;
  // For a moment the editor of the image before is still there.
  const own = editor?.image.id === imageId ? editor : null;
  useKeyboard(image.data, own, useSignal(commands), page);

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
          page={actions}
          isHistoryOpen={panels.isHistoryOpen}
          states={states}
        />
        <div className={classes.middle} data-filmstrip={panels.isFilmstripOpen}>
          {editor ? <ToolBar /> : <div className={classes.tools} />}
          {panels.isFilmstripOpen && <Filmstrip projectId={projectId} imageId={imageId} />}
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
            {editor && panels.isHistoryOpen && (
              <HistoryPanel key={editor.image.id} onClose={actions.toggleHistory} />
            )}
            {editor && !panels.isHistoryOpen && (
              <>
                <CategoryList projectId={projectId} />
                <AnnotationList />
                <FilterBar />
                {panels.isCoverageOpen && <CoveragePanel onClose={actions.toggleCoverage} />}
              </>
            )}
          </aside>
        </div>
        {editor ? (
          <StatusBar
            isEngineMenuOpen={panels.isEngineMenuOpen}
            setIsEngineMenuOpen={(isEngineMenuOpen) => setPanels({ isEngineMenuOpen })}
          />
        ) : (
          <footer className={classes.status} />
        )}
        <CommandPalette
          list={panels.palette}
          setList={(palette) => setPanels({ palette })}
          page={actions}
          projectId={projectId}
          onClose={() => setPanels({ palette: null })}
        />
        <ShortcutSheet
          opened={panels.isHelpOpen}
          onClose={() => setPanels({ isHelpOpen: false })}
        />
      </div>
    </EditorContext>
  );
}
