import { IconPlus } from "@tabler/icons-react";
import { type FormEvent, useMemo, useState } from "react";
import { describeError } from "../../api/problems";
import { pickCategory } from "../../editor/acts";
import { plural } from "../shared/format";
import { useSignal } from "../shared/useSignal";
import { hotkeyOf } from "./commands";
import { useAnnotations, useEditorContext } from "./context";
import classes from "./Lists.module.css";
import { useAddCategory } from "./useAddCategory";

function QuickAdd({ projectId }: { projectId: number }) {
  const editor = useEditorContext();
  const [name, setName] = useState("");
  const add = useAddCategory(projectId, (category) => {
    setName("");
    editor.categories.set([...editor.categories.get(), category]);
    editor.activeCategory.set(category.id);
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (name.trim()) add.mutate(name.trim());
  };
  return (
    <form className={classes.add} onSubmit={submit}>
      <IconPlus size={14} aria-hidden="true" />
      <input
        aria-label="Add category"
        placeholder="Add category"
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        onKeyDown={(event) => event.key === "Escape" && event.currentTarget.blur()}
      />
      {add.isError && <span className={classes.error}>{describeError(add.error)}</span>}
    </form>
  );
}

export function CategoryList({ projectId }: { projectId: number }) {
  const editor = useEditorContext();
  const categories = useSignal(editor.categories);
  const active = useSignal(editor.activeCategory);
  const tool = useSignal(editor.tool);
  const selection = useSignal(editor.selection);
  const annotations = useAnnotations();
  const counts = useMemo(() => {
    const found = new Map<number, number>();
    for (const { category_id } of annotations) {
      found.set(category_id, (found.get(category_id) ?? 0) + 1);
    }
    return found;
  }, [annotations]);
  // With something selected the list shows and changes its category.
  const selected =
    tool.id === "select" ? annotations.find(({ id }) => id === selection) : undefined;
  const current = selected?.category_id ?? active;
  const others = useSignal(editor.others).size;
  const named = others > 0 ? plural(others + 1, "annotation") : "annotation";
  return (
    <section className={classes.section} data-kind="categories" aria-label="Categories">
      <h2>{selected ? `Category of the ${named} selected` : "Category to draw"}</h2>
      <div className={classes.rows}>
        {categories.map((category) => {
          const { id, name, color } = category;
          const key = hotkeyOf(category);
          return (
            <button
              key={id}
              type="button"
              className={classes.category}
              aria-pressed={id === current}
              data-testid="category-row"
              onClick={() => pickCategory(editor, id)}
            >
              <span className={classes.swatch} style={{ background: color }} />
              <span className={classes.name}>{name}</span>
              <span className={`${classes.count} tabular`}>{counts.get(id) ?? ""}</span>
              <kbd data-none={key === null}>{key}</kbd>
            </button>
          );
        })}
      </div>
      <QuickAdd projectId={projectId} />
    </section>
  );
}
