import { IconEye, IconEyeOff, IconTrash } from "@tabler/icons-react";
import { memo, useEffect, useMemo, useRef } from "react";
import type { Annotation, Category } from "../../editor/annotation";
import { formatCount } from "../shared/format";
import { useSignal } from "../shared/useSignal";
import { useAnnotations, useEditorContext, usePart } from "./context";
import classes from "./Lists.module.css";

interface RowProps {
  readonly annotation: Annotation;
  readonly category: Category | undefined;
}

const Row = memo(function Row({ annotation, category }: RowProps) {
  const editor = useEditorContext();
  const { id, source, area } = annotation;
  const ref = useRef<HTMLLIElement>(null);
  const isSelected = usePart(editor.selection, (selection) => selection === id);
  const isHovered = usePart(editor.hovered, (hovered) => hovered === id);
  const isHidden = usePart(editor.hidden, (hidden) => hidden.has(id));
  useEffect(() => {
    if (isSelected) ref.current?.scrollIntoView({ block: "nearest" });
  }, [isSelected]);
  const select = () => {
    editor.setTool("select");
    editor.select(id);
    editor.reveal(id);
  };
  return (
    <li
      ref={ref}
      className={classes.annotation}
      data-testid="annotation-row"
      data-annotation-id={id}
      data-selected={isSelected}
      data-hovered={isHovered}
      data-hidden={isHidden}
      onPointerEnter={() => editor.hovered.set(id)}
      onPointerLeave={() => editor.hovered.set(null)}
    >
      <button type="button" className={classes.pick} aria-pressed={isSelected} onClick={select}>
        <span className={classes.swatch} style={{ background: category?.color ?? "#8a94a3" }} />
        <span className={classes.name}>{category?.name ?? "—"}</span>
        {source !== "manual" && <span className={classes.source}>{source}</span>}
        <span className={`${classes.count} tabular`}>{formatCount(area)} px</span>
      </button>
      <span className={classes.actions} data-keep={isHidden}>
        <button
          type="button"
          className={classes.small}
          aria-label={isHidden ? "Show" : "Hide"}
          aria-pressed={isHidden}
          onClick={() => editor.setHidden([id], !isHidden)}
        >
          {isHidden ? <IconEyeOff size={14} /> : <IconEye size={14} />}
        </button>
        <button
          type="button"
          className={classes.small}
          aria-label="Delete annotation"
          onClick={() => editor.remove(id)}
        >
          <IconTrash size={14} />
        </button>
      </span>
    </li>
  );
});

/** The image's annotations, the topmost first. */
export function AnnotationList() {
  const editor = useEditorContext();
  const annotations = useAnnotations();
  const categories = useSignal(editor.categories);
  const isAnyHidden = usePart(editor.hidden, (hidden) =>
    annotations.some(({ id }) => hidden.has(id)),
  );
  const byId = useMemo(() => new Map(categories.map((item) => [item.id, item])), [categories]);
  const ids = annotations.map(({ id }) => id);
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
            onClick={() => editor.setHidden(ids, !isAnyHidden)}
          >
            {isAnyHidden ? <IconEyeOff size={14} /> : <IconEye size={14} />}
          </button>
        )}
      </header>
      <ul className={classes.rows}>
        {[...annotations].reverse().map((annotation) => (
          <Row
            key={annotation.id}
            annotation={annotation}
            category={byId.get(annotation.category_id)}
          />
        ))}
      </ul>
      {annotations.length === 0 && (
        <p className={classes.empty}>
          Nothing here yet. Drag a box over an object with <kbd>B</kbd>, click on it with{" "}
          <kbd>W</kbd>, or draw around it with <kbd>P</kbd>.
        </p>
      )}
    </section>
  );
}
