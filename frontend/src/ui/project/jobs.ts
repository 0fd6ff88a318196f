import type { Job } from "../../api/client";
import { isOver } from "../queries";
import { formatBytes, plural } from "../shared/format";
import { formatClock, formatDay } from "../shared/when";

export function isLook(job: Job): boolean {
  return job.kind === "import" && job.parameters.is_dry_run;
}

/** The look whose files an import can be asked to read again. */
export function sourceOf(job: Job): number {
  return isLook(job) ? job.id : (job.parameters.source_job ?? job.id);
}

/**
 * What is worth a row: a look that was cancelled changed nothing, and one whose files were read again afterwards is
 * told by what came of it.
 */
export function shownJobs(jobs: readonly Job[]): Job[] {
  const readAgain = new Set(jobs.map(({ parameters }) => parameters.source_job));
  return jobs.filter(
    (job) => !isLook(job) || (job.state !== "cancelled" && !readAgain.has(job.id)),
  );
}

/** What runs, in few words: "Importing 43%", "2 running"; null when nothing does. */
export function runningWords(jobs: readonly Job[]): string | null {
  const running = jobs.filter((job) => !isOver(job));
  const [only] = running;
  if (!only) return null;
  if (running.length > 1) return `${running.length} running`;
  const verb = isLook(only) ? "Reading" : only.kind === "import" ? "Importing" : "Exporting";
  return `${verb} ${Math.floor(only.progress * 100)}%`;
}

/** "Import: street.zip", "Export: COCO instances". */
export function jobTitle(job: Job, titleOf: (format: string) => string): string {
  if (job.kind === "export") return `Export: ${titleOf(job.parameters.format)}`;
  return `${isLook(job) ? "Look" : "Import"}: ${job.parameters.file_name}`;
}

/** How far a job is, or what came of it and when. */
export function jobDetail(job: Job, now = new Date()): string {
  if (!isOver(job)) return job.message || "Waiting";
  const when = job.finished_at ?? job.created_at;
  const day = formatDay(when, now);
  return `${outcome(job)} · ${day === "Today" ? formatClock(when) : day}`;
}

function outcome(job: Job): string {
  if (job.state === "cancelled") return "Cancelled";
  if (job.state === "failed") return String(job.problem?.title ?? "Failed");
  if (job.kind === "export") {
    const size = job.file_bytes === null ? [] : [formatBytes(job.file_bytes)];
    return [plural(job.counts.images ?? 0, "image"), ...size].join(", ");
  }
  if (isLook(job)) return "Nothing imported yet";
  const { new_images = 0, new_annotations = 0, problems = 0 } = job.counts;
  const added = `${plural(new_images, "image")}, ${plural(new_annotations, "annotation")} added`;
  return problems > 0 ? `${added}, ${plural(problems, "problem")}` : added;
}
