import {
  IconArrowBackUp,
  IconArrowForwardUp,
  IconArrowLeft,
  IconChevronLeft,
  IconChevronRight,
  IconHistory,
  IconQuestionMark,
  IconSearch,
} from "@tabler/icons-react";
import { Link } from "react-router";
import type { ImageDetail, Project } from "../../api/client";
import type { PageActions } from "../../editor/commands";
import { runCommand } from "../../editor/run-command";
import { WaitingEdits } from "../app/WaitingEdits";
import { useImages } from "../queries";
import { formatCount } from "../shared/format";
import { useSignal } from "../shared/useSignal";
import { commands } from "./commands";
import { useEditorContext, usePart } from "./context";
import { IconButton } from "./IconButton";
import { SaveState } from "./SaveState";
import { StateControl } from "./StateControl";
import classes from "./TopBar.module.css";
import type { ImageStates } from "./useImageStates";
import { ZoomControl } from "./ZoomControl";

/** What their keys do: first they take back what is drawn or proposed, point by point. */
export function UndoRedo({ page }: { page: PageActions }) {
  const editor = useEditorContext();
  const { undo: step, redo } = useSignal(editor.history);
  const isDrawing = usePart(editor.draft, (draft) => draft?.kind === "ring");
  const isProposed = usePart(editor.proposals.state, (state) => state !== null);
  const undo = isDrawing ? "Last point" : isProposed ? "Last change of the proposal" : step;
  const run = (id: string) => {
    const command = commands.get().find((one) => one.id === id);
    if (command) runCommand(command, editor, page);
  };
  return (
    <>
      <IconButton
        name="Undo"
        command="undo"
        isDisabled={!undo}
        {...(undo ? { note: `Undo: ${undo}` } : {})}
        onClick={() => run("undo")}
      >
        <IconArrowBackUp size={17} stroke={1.7} />
      </IconButton>
      <IconButton
        name="Redo"
        command="redo"
        isDisabled={!redo || isDrawing}
        {...(redo ? { note: `Redo: ${redo}` } : {})}
        onClick={() => run("redo")}
      >
        <IconArrowForwardUp size={17} stroke={1.7} />
      </IconButton>
    </>
  );
}

/** "3 of 40", or "of 10,000" when the list is not loaded as far as this image. */
function Position({ image }: { image: ImageDetail }) {
  const images = useImages(image.project_id);
  const items = images.data?.pages.flatMap((page) => page.items) ?? [];
  const index = items.findIndex(({ id }) => id === image.id);
  const total = images.data?.pages[0]?.total;
  if (total === undefined) return null;
  return (
    <span className={`${classes.position} tabular`} data-testid="position">
      {index >= 0 && <>{formatCount(index + 1)} </>}
      <span>of {formatCount(total)}</span>
    </span>
  );
}

interface Props {
  readonly project: Project | undefined;
  readonly image: ImageDetail | undefined;
  readonly isOpen: boolean;
  readonly page: PageActions;
  readonly isHistoryOpen: boolean;
  /** Null: not loaded, or not this user's to set. */
  readonly states: ImageStates | null;
}

export function TopBar({ project, image, isOpen, page, isHistoryOpen, states }: Props) {
  return (
    <header className={classes.bar}>
      <div className={classes.left}>
        <Link
          to={project ? `/projects/${project.id}` : "/"}
          className={classes.back}
          aria-label="Back to the project"
        >
          <IconArrowLeft size={17} stroke={1.7} />
        </Link>
        <span className={classes.project}>{project?.name}</span>
        <span className={classes.slash}>/</span>
        <strong className={classes.image} title={image?.name}>
          {image?.name}
        </strong>
        {image && (
          <span className={`${classes.size} tabular`}>
            {image.width} × {image.height}
          </span>
        )}
      </div>
      <div className={classes.group}>
        <IconButton
          name="Previous image"
          command="previous-image"
          isDisabled={!image?.previous_id}
          onClick={page.previousImage}
        >
          <IconChevronLeft size={17} stroke={1.7} />
        </IconButton>
        {image && <Position image={image} />}
        <IconButton
          name="Next image"
          command="next-image"
          isDisabled={!image?.next_id}
          onClick={page.nextImage}
        >
          <IconChevronRight size={17} stroke={1.7} />
        </IconButton>
      </div>
      <div className={classes.right}>
        {image && <WaitingEdits openImage={image.id} />}
        {isOpen && <SaveState />}
        <span className={classes.divider} />
        {isOpen && <UndoRedo page={page} />}
        {isOpen && (
          <IconButton
            name="History"
            command="history"
            isPressed={isHistoryOpen}
            onClick={page.toggleHistory}
          >
            <IconHistory size={16} stroke={1.7} />
          </IconButton>
        )}
        <span className={classes.divider} />
        {isOpen && <ZoomControl page={page} />}
        {states && <StateControl states={states} page={page} />}
        <IconButton
          name="Search every command"
          command="palette"
          onClick={() => page.openPalette("commands")}
        >
          <IconSearch size={16} stroke={1.7} />
        </IconButton>
        <IconButton name="Keyboard shortcuts" command="help" onClick={page.toggleHelp}>
          <IconQuestionMark size={16} stroke={1.8} />
        </IconButton>
      </div>
    </header>
  );
}
