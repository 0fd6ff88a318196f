import { useEffect, useRef, useSyncExternalStore } from "react";
import { isPolygons } from "../../editor/annotation";
import type { Editor } from "../../editor/editor";
import { countVertices } from "../../geometry/polygons";
import { formatCount, plural } from "../shared/format";
import { useSignal } from "../shared/useSignal";
import { commands, inWords } from "./commands";
import { useAnnotations, useEditorContext, usePart } from "./context";
import classes from "./EditorPage.module.css";
import { EngineMenu } from "./EngineMenu";
import { percent } from "./ZoomControl";

/** Written into the element directly: the pointer moves more often than React should render. */
function Coordinates() {
  const { viewport } = useEditorContext();
  const ref = useRef<HTMLSpanElement>(null);
  useEffect(
    () =>
      viewport.pointer.subscribe((point) => {
        if (!ref.current) return;
        const [x, y] = point ?? [0, 0];
        ref.current.textContent = point ? `x ${x.toFixed(1)}  y ${y.toFixed(1)}` : "";
      }),
    [viewport],
  );
  return <span ref={ref} className={`${classes.coordinates} tabular`} data-testid="pointer" />;
}

function useHint(editor: Editor): string | null {
  const tool = useSignal(editor.tool);
  const subscribe = (listener: () => void) => {
    const stops = [
      editor.draft.subscribe(listener),
      editor.proposals.state.subscribe(listener),
      editor.marking.mode.subscribe(listener),
      editor.selection.subscribe(listener),
      editor.others.subscribe(listener),
      editor.combining.subscribe(listener),
      editor.transform.subscribe(listener),
    ];
    return () => {
      for (const stop of stops) stop();
    };
  };
  useSignal(commands);
  const hint = useSyncExternalStore(subscribe, () => tool.hint(editor));
  return inWords(hint);
}

function Selection() {
  const editor = useEditorContext();
  const id = useSignal(editor.selection);
  const annotation = useAnnotations().find((item) => item.id === id);
  if (!annotation) return null;
  const { segmentation, area, bbox_xywh } = annotation;
  const [, , width, height] = bbox_xywh;
  const vertices = isPolygons(segmentation)
    ? plural(countVertices(segmentation), "vertex", "vertices")
    : "RLE";
  return (
    <span className="tabular">
      {`${formatCount(area)} px · ${Math.round(width)} × ${Math.round(height)} · ${vertices}`}
    </span>
  );
}

interface Props {
  readonly isEngineMenuOpen: boolean;
  readonly setIsEngineMenuOpen: (isOpen: boolean) => void;
}

export function StatusBar({ isEngineMenuOpen, setIsEngineMenuOpen }: Props) {
  const editor = useEditorContext();
  const hint = useHint(editor);
  const zoom = usePart(editor.viewport.scale, percent);
  return (
    <footer className={classes.status}>
      <EngineMenu isOpen={isEngineMenuOpen} setIsOpen={setIsEngineMenuOpen} />
      <span className={classes.hint} data-testid="hint">
        {hint}
      </span>
      <Selection />
      <Coordinates />
      <span className="tabular">{zoom}</span>
    </footer>
  );
}
