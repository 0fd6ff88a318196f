import { ActionIcon, Tooltip } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useState } from "react";
import type { Category } from "../../api/client";
import { useCategories } from "../queries";
import { plural } from "../shared/format";
import classes from "./CategoriesPanel.module.css";
import { CategoryForm } from "./CategoryForm";

function Row({ category, onEdit }: { category: Category; onEdit: (() => void) | null }) {
  const content = (
    <>
      <span className={classes.swatch} style={{ background: category.color }} />
      <span className={classes.name}>{category.name}</span>
      {!category.isthing && <span className={classes.stuff}>stuff</span>}
      <span
        className={`${classes.count} tabular`}
        title={plural(category.annotation_count, "annotation")}
      >
        {category.annotation_count}
      </span>
      <kbd className={classes.hotkey} data-none={category.hotkey === null}>
        {category.hotkey ?? ""}
      </kbd>
    </>
  );
  return onEdit ? (
    <button type="button" className={classes.row} onClick={onEdit} data-testid="category-row">
      {content}
    </button>
  ) : (
    <div className={classes.row} data-testid="category-row">
      {content}
    </div>
  );
}

/** The project's categories; one at a time is open for changing. */
export function CategoriesPanel({ projectId, canEdit }: { projectId: number; canEdit: boolean }) {
  const categories = useCategories(projectId);
  const [open, setOpen] = useState<number | "new" | null>(null);
  const items = categories.data ?? [];
  const close = () => setOpen(null);
  return (
    <aside className={classes.panel} aria-label="Categories">
      <header>
        <h2>Categories</h2>
        {canEdit && (
          <Tooltip label="Add category">
            <ActionIcon aria-label="Add category" onClick={() => setOpen("new")}>
              <IconPlus size={16} />
            </ActionIcon>
          </Tooltip>
        )}
      </header>
      <div className={classes.list}>
        {items.map((category) =>
          open === category.id ? (
            <CategoryForm
              key={category.id}
              projectId={projectId}
              categories={items}
              category={category}
              onClose={close}
            />
          ) : (
            <Row
              key={category.id}
              category={category}
              onEdit={canEdit ? () => setOpen(category.id) : null}
            />
          ),
        )}
        {open === "new" && (
          <CategoryForm projectId={projectId} categories={items} category={null} onClose={close} />
        )}
        {categories.isSuccess && items.length === 0 && open === null && (
          <p className={classes.empty}>
            A category says what an object is: “car”, “nucleus”, “road”. Add the ones you will
            annotate; the digits 1–9 pick them while drawing.
          </p>
        )}
      </div>
    </aside>
  );
}
