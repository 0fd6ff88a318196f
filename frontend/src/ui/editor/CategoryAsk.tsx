import { Button, TextInput } from "@mantine/core";
import { type FormEvent, useEffect, useMemo, useRef, useState } from "react";
import { describeError } from "../../api/problems";
import { segmentationBox } from "../../editor/annotation";
import type { AwaitingCategory } from "../../editor/options";
import { plural } from "../shared/format";
import { useSignal } from "../shared/useSignal";
import classes from "./Cards.module.css";
import { useEditorContext } from "./context";
import { useAddCategory } from "./useAddCategory";
import { useFollow } from "./useFollow";

interface AskProps {
  readonly projectId: number;
  /** Those that the answer is for. */
  readonly outlines: readonly [AwaitingCategory, ...AwaitingCategory[]];
}

const LABELS = {
  deleted: "Give another category",
  "none picked": "Pick a category",
  "none yet": "Name the first category",
} as const;

function Known() {
  const editor = useEditorContext();
  return (
    <div className={classes.known}>
      {useSignal(editor.categories).map(({ id, name, color }) => (
        <button key={id} type="button" onClick={() => editor.waiting.give(id)}>
          <span className={classes.swatch} style={{ background: color }} />
          <span>{name}</span>
        </button>
      ))}
    </div>
  );
}

function Ask({ projectId, outlines }: AskProps) {
  const editor = useEditorContext();
  const ref = useRef<HTMLFormElement>(null);
  const [name, setName] = useState("");
  const [{ segmentation, refused }] = outlines;
  const isAnyKnown = useSignal(editor.categories).length > 0;
  const why = refused ? "deleted" : isAnyKnown ? "none picked" : "none yet";
  const box = useMemo(() => segmentationBox(segmentation), [segmentation]);
  const input = useRef<HTMLInputElement>(null);
  useFollow(editor, ref, box);
  // Not `autoFocus`: what is hidden until it has its place takes no focus. Who is at work on something else keeps it, and
  // so does who can answer with a digit.
  useEffect(() => {
    if (why === "none yet") input.current?.focus();
  }, [why]);
  const add = useAddCategory(projectId, (category) => {
    // The image was left meanwhile: the outlines wait in the editor that is open there by now, or at the next visit.
    if (!editor.isOpen) return;
    editor.categories.set([...editor.categories.get(), category]);
    editor.waiting.give(category.id);
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const wanted = name.trim();
    const known = editor.categories.get().find((one) => one.name === wanted);
    if (known) editor.waiting.give(known.id);
    else if (wanted) add.mutate(wanted);
  };
  const kept =
    outlines.length > 1 ? `The ${plural(outlines.length, "outline")} are` : "The outline is";
  return (
    <form
      className={`${classes.card} ${classes.ask}`}
      ref={ref}
      onSubmit={submit}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || event.repeat) return;
        // Else it would go on to the editor, and drop one thing more.
        if (editor.waiting.escape()) event.preventDefault();
        else input.current?.blur();
      }}
      aria-label={LABELS[why]}
    >
      <strong>{refused ? "Its category was deleted" : "What is this?"}</strong>
      {refused ? (
        <p>
          {refused.category === null ? "The category" : `“${refused.category}”`} was deleted
          elsewhere. {kept} kept, and stored with the category that you give now.
        </p>
      ) : (
        <p>
          {isAnyKnown
            ? "No category was picked to draw with. Pick its category, or name a new one."
            : "The project has no category yet. Name the first one."}
        </p>
      )}
      {why !== "none yet" && <Known />}
      <TextInput
        aria-label="Category name"
        placeholder={why === "none yet" ? "cat" : "Or a new one"}
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
          onClick={() => editor.waiting.drop()}
        >
          Drop {outlines.length > 1 ? "them" : "it"}
        </Button>
      </footer>
    </form>
  );
}

/** Outlines without a category are given one in place; none is lost. */
export function CategoryAsk({ projectId }: { projectId: number }) {
  const { waiting, past } = useEditorContext();
  useSignal(waiting.outlines);
  const isPast = useSignal(past.moment) !== null;
  const [first, ...others] = waiting.first;
  return first && !isPast ? (
    <Ask
      key={first.refused?.content.category_id ?? "drawn"}
      projectId={projectId}
      outlines={[first, ...others]}
    />
  ) : null;
}
