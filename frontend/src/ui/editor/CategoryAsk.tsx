import { Button, TextInput } from "@mantine/core";
import { type FormEvent, useEffect, useMemo, useRef, useState } from "react";
import { describeError } from "../../api/problems";
import { segmentationBox } from "../../editor/annotation";
import type { AwaitingCategory } from "../../editor/options";
import { useSignal } from "../shared/useSignal";
import classes from "./Cards.module.css";
import { useEditorContext } from "./context";
import { useAddCategory } from "./useAddCategory";
import { useFollow } from "./useFollow";

function Ask({ projectId, awaiting }: { projectId: number; awaiting: AwaitingCategory }) {
  const editor = useEditorContext();
  const ref = useRef<HTMLFormElement>(null);
  const [name, setName] = useState("");
  const box = useMemo(() => segmentationBox(awaiting.segmentation), [awaiting]);
  const input = useRef<HTMLInputElement>(null);
  useFollow(editor, ref, box);
  // Not `autoFocus`: what is hidden until it has its place takes no focus.
  useEffect(() => input.current?.focus(), []);
  const add = useAddCategory(projectId, (category) => {
    editor.categories.set([...editor.categories.get(), category]);
    editor.giveCategory(category.id);
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (name.trim()) add.mutate(name.trim());
  };
  return (
    <form
      className={`${classes.card} ${classes.ask}`}
      ref={ref}
      onSubmit={submit}
      onKeyDown={(event) => event.key === "Escape" && editor.awaitingCategory.set(null)}
      aria-label="Name the first category"
    >
      <strong>What is this?</strong>
      <p>The project has no category yet. Name the first one.</p>
      <TextInput
        aria-label="Category name"
        placeholder="cat"
        value={name}
        ref={input}
        error={add.isError ? describeError(add.error) : null}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <footer>
        <Button size="compact-xs" type="submit" loading={add.isPending} disabled={!name.trim()}>
          Add category
        </Button>
        <Button
          size="compact-xs"
          variant="subtle"
          color="gray"
          onClick={() => editor.awaitingCategory.set(null)}
        >
          Drop it
        </Button>
      </footer>
    </form>
  );
}

/** Who draws before there is any category names one in place; the outline is not lost. */
export function CategoryAsk({ projectId }: { projectId: number }) {
  const { awaitingCategory } = useEditorContext();
  const awaiting = useSignal(awaitingCategory);
  return awaiting && <Ask projectId={projectId} awaiting={awaiting} />;
}
