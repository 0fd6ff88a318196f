import { type Annotation, type AnnotationContent, contentOf } from "./annotation";
import { isSameContent } from "./same-content";
import type { Change } from "./store";

/** An edit in the server's log. */
export interface LoggedEdit {
  readonly id: number;
  readonly annotation_id: string;
  readonly op: "create" | "update" | "delete";
  readonly revision: number;
  /** Null: the user is gone. */
  readonly user: string | null;
  /** ISO 8601. */
  readonly at: string;
  readonly before: AnnotationContent | null;
  readonly after: AnnotationContent | null;
}

/** Edits that one person made at one time. */
export interface Deed {
  /** Of its newest edit. */
  readonly id: number;
  readonly user: string | null;
  readonly at: string;
  /** The newest first. */
  readonly edits: readonly LoggedEdit[];
}

/** The log as deeds: what was applied in one request has one time. Both are newest first. */
export function deedsOf(log: readonly LoggedEdit[]): Deed[] {
  const deeds: { id: number; user: string | null; at: string; edits: LoggedEdit[] }[] = [];
  for (const edit of log) {
    const last = deeds.at(-1);
    if (last && last.at === edit.at && last.user === edit.user) last.edits.push(edit);
    else deeds.push({ id: edit.id, user: edit.user, at: edit.at, edits: [edit] });
  }
  return deeds;
}

export type Contents = ReadonlyMap<string, AnnotationContent>;

/**
 * The annotations as they were.
 *
 * @param since every edit since then, the newest first
 */
export function contentsBefore(since: readonly LoggedEdit[], now: readonly Annotation[]): Contents {
  const found = new Map(now.map((annotation) => [annotation.id, contentOf(annotation)]));
  for (const { annotation_id, before } of since) {
    if (before) found.set(annotation_id, before);
    else found.delete(annotation_id);
  }
  return found;
}

/** What must change so that the annotations are as they were. */
export function changesTo(then: Contents, now: readonly Annotation[]): Change[] {
  const changes: Change[] = [];
  const present = new Set<string>();
  for (const annotation of now) {
    present.add(annotation.id);
    const before = contentOf(annotation);
    const after = then.get(annotation.id) ?? null;
    if (!isSameContent(before, after)) changes.push({ id: annotation.id, before, after });
  }
  for (const [id, after] of then) if (!present.has(id)) changes.push({ id, before: null, after });
  return changes;
}

/** The last revisions of annotations that are deleted, as far as the edits tell. */
export function deletedIn(log: readonly LoggedEdit[]): { id: string; revision: number }[] {
  const newest = new Map<string, LoggedEdit>();
  for (const edit of log) {
    if ((newest.get(edit.annotation_id)?.revision ?? 0) < edit.revision) {
      newest.set(edit.annotation_id, edit);
    }
  }
  return [...newest.values()]
    .filter(({ op }) => op === "delete")
    .map(({ annotation_id, revision }) => ({ id: annotation_id, revision }));
}
