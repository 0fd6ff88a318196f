import { IconEye, IconEyeOff } from "@tabler/icons-react";
import { defaultRangeExtractor, type Range, useVirtualizer } from "@tanstack/react-virtual";
import { memo, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { selectListed } from "../../editor/acts";
import type { Annotation, Category } from "../../editor/annotation";
import { formatCount } from "../shared/format";
import { useSignal } from "../shared/useSignal";
import { useAnnotations, useEditorContext, usePart } from "./context";
import { EmptyList } from "./EmptyList";
import { titleOf } from "./engineSettings";
import classes from "./Lists.module.css";
import { RowActions } from "./RowActions";

/** Height of a row in CSS pixels, as in Lists.module.css. */
const ROW_HEIGHT = 28;

/** @returns what calls it off */
function afterNextFrame(action: () => void): () => void {
  let timer = 0;
  const frame = requestAnimationFrame(() => {
    timer = window.setTimeout(action);
  });
  return () => {
    cancelAnimationFrame(frame);
    window.clearTimeout(timer);
  };
}

interface RowProps {
  readonly annotation: Annotation;
  readonly category: Category | undefined;
  /** Counted from the top, which is 0. */
  readonly index: number;
  readonly count: number;
}

const Row = memo(function Row({ annotation, category, index, count }: RowProps) {
  const editor = useEditorContext();
  const { id, source, area } = annotation;
  const isSelected = usePart(editor.selection, (selection) => selection === id);
  const isHovered = usePart(editor.hovered, (hovered) => hovered === id);
  const isHidden = usePart(editor.hidden, (hidden) => hidden.has(id));
  const isLocked = usePart(editor.visibility.locked, (locked) => locked.has(id));
  const isSolo = usePart(editor.visibility.solo, (solo) => solo === id);
  const engines = useSignal(editor.settings.engines);
  const select = () => {
    selectListed(editor, id);
    editor.reveal(id);
  };
  return (
    <li
      className={classes.annotation}
      style={{ top: index * ROW_HEIGHT }}
      aria-posinset={index + 1}
      aria-setsize={count}
      data-testid="annotation-row"
      data-annotation-id={id}
      data-selected={isSelected}
      data-hovered={isHovered}
      data-hidden={isHidden}
      data-set={isHidden || isLocked || isSolo}
      onPointerEnter={() => editor.hovered.set(id)}
      onPointerLeave={() => editor.hovered.set(null)}
    >
      <button type="button" className={classes.pick} aria-pressed={isSelected} onClick={select}>
        <span className={classes.swatch} style={{ background: category?.color ?? "#8a94a3" }} />
        <span className={classes.name}>{category?.name ?? "—"}</span>
        {source !== "manual" && <span className={classes.source}>{titleOf(engines, source)}</span>}
        <span className={`${classes.count} tabular`}>{formatCount(area)} px</span>
      </button>
      <RowActions id={id} isHidden={isHidden} isLocked={isLocked} isSolo={isSolo} />
    </li>
  );
});

/** The rows in view, and the one that has the focus: the others are not there, however many annotations there are. */
function Rows({ annotations }: { readonly annotations: readonly Annotation[] }) {
  const editor = useEditorContext();
  const categories = useSignal(editor.categories);
  const selection = useSignal(editor.selection);
  const byId = useMemo(() => new Map(categories.map((item) => [item.id, item])), [categories]);
  const scroller = useRef<HTMLDivElement>(null);
  const [focused, setFocused] = useState<string | null>(null);
  const count = annotations.length;
  const rangeExtractor = useCallback(
    (range: Range) => {
      const inView = defaultRangeExtractor(range);
      const place = focused === null ? -1 : annotations.findIndex(({ id }) => id === focused);
      const index = annotations.length - 1 - place;
      if (place < 0 || inView.includes(index)) return inView;
      return [...inView, index].sort((a, b) => a - b);
    },
    [annotations, focused],
  );
  const rows = useVirtualizer({
    count,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 8,
    rangeExtractor,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: only what is selected anew is scrolled to
  useEffect(() => {
    const place = annotations.findIndex(({ id }) => id === selection);
    if (place < 0) return;
    const top = (count - 1 - place) * ROW_HEIGHT;
    // After the frame that shows on the canvas what is selected: rows that come into view cost more than that frame.
    return afterNextFrame(() => {
      const { scrollOffset, scrollRect } = rows;
      const lowest = top + ROW_HEIGHT - (scrollRect?.height ?? 0);
      const offset = Math.max(Math.min(scrollOffset ?? 0, top), lowest);
      if (offset !== scrollOffset) scroller.current?.scrollTo({ top: offset });
    });
  }, [selection]);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it only notes which row has the focus
    <div
      ref={scroller}
      className={classes.rows}
      onFocus={({ target }) => {
        const row = target.closest<HTMLElement>("[data-annotation-id]");
        setFocused(row?.dataset.annotationId ?? null);
      }}
      onBlur={() => setFocused(null)}
    >
      <ul className={classes.annotations} style={{ height: rows.getTotalSize() }}>
        {rows.getVirtualItems().map(({ index }) => {
          const annotation = annotations[count - 1 - index];
          return (
            annotation && (
              <Row
                key={annotation.id}
                annotation={annotation}
                category={byId.get(annotation.category_id)}
                index={index}
                count={count}
              />
            )
          );
        })}
      </ul>
    </div>
  );
}

/** The image's annotations, the topmost first. */
export function AnnotationList() {
  const editor = useEditorContext();
  const annotations = useAnnotations();
  const isAnyHidden = usePart(editor.hidden, (hidden) =>
    annotations.some(({ id }) => hidden.has(id)),
  );
  const hideOrShow = () =>
    editor.setHidden(
      annotations.map(({ id }) => id),
      !isAnyHidden,
    );
  return (
    <section className={classes.section} data-kind="annotations" aria-label="Annotations">
      <header>
        <h2>
          Annotations <span className="tabular">{annotations.length}</span>
        </h2>
        {annotations.length > 0 && (
          <button
            type="button"
            className={classes.small}
            aria-label={isAnyHidden ? "Show all" : "Hide all"}
            onClick={hideOrShow}
          >
            {isAnyHidden ? <IconEyeOff size={14} /> : <IconEye size={14} />}
          </button>
        )}
      </header>
      <Rows annotations={annotations} />
      {annotations.length === 0 && <EmptyList />}
    </section>
  );
}
