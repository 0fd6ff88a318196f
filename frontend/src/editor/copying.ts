import type { Size } from "../geometry/points";
import { type AnnotationContent, contentOf } from "./annotation";
import type { Editor } from "./editor";
import { newId } from "./ids";
import type { Edit } from "./journal";
import { isSameContent } from "./same-content";
import type { Change } from "./store";

/** An image that annotations are copied from. */
export interface Source extends Size {
  /** Lowest z-order first. */
  readonly contents: readonly AnnotationContent[];
}

/** What an image holds once the edits on their way have arrived. */
export function withEdits(
  annotations: readonly (AnnotationContent & { readonly id: string })[],
  edits: readonly Edit[],
): AnnotationContent[] {
  const found = new Map(annotations.map((one) => [one.id, contentOf(one)]));
  for (const { annotation_id, annotation } of edits) {
    if (annotation) found.set(annotation_id, annotation);
    else found.delete(annotation_id);
  }
  return [...found.values()].sort((a, b) => a.z_order - b.z_order);
}

/**
 * Copies, over all that is there and in the same order, under new ids.
 *
 * What is there already, in place and category, is not copied again.
 */
function copiesOf(
  { contents }: Source,
  here: readonly AnnotationContent[],
  firstZOrder: number,
): Change[] {
  const isHere = (content: AnnotationContent) =>
    here.some((other) => {
      const { z_order, source, score } = other;
      return isSameContent({ ...content, z_order, source, score }, other);
    });
  return contents
    .filter((content) => !isHere(content))
    .map((content, index) => ({
      id: newId(),
      before: null,
      after: { ...contentOf(content), z_order: firstZOrder + index },
    }));
}

/**
 * Put the annotations of another image over those of the open one, as one step.
 *
 * @returns how many were not there yet; null: the images differ in size, and annotations are copied as they are;
 *   "barred": something forbids changes, and the user was told what
 */
export function copyInto(editor: Editor, from: Source): number | "barred" | null {
  const { width, height } = editor.image;
  if (from.width !== width || from.height !== height) return null;
  const { annotations } = editor;
  const copies = copiesOf(from, annotations.all(), annotations.nextZOrder());
  if (copies.length === 0) return 0;
  return editor.commit("Copy from another image", copies) ? copies.length : "barred";
}
