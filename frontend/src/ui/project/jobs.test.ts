import { expect, test } from "vitest";
import type { Job } from "../../api/client";
import { jobDetail, jobTitle, runningWords, shownJobs, sourceOf } from "./jobs";

const NOW = new Date("2026-03-02T14:10:00");

function job(
  values: Omit<Partial<Job>, "parameters">,
  parameters: Partial<Job["parameters"]>,
): Job {
  return {
    id: 1,
    project_id: 1,
    user_id: 1,
    kind: "import",
    state: "done",
    progress: 1,
    message: "",
    counts: {},
    file_name: null,
    file_bytes: null,
    problem: null,
    report: null,
    created_at: "2026-03-02T14:00:00",
    finished_at: "2026-03-02T14:03:00",
    ...values,
    parameters: {
      format: "",
      options: {},
      file_name: "street.zip",
      source_job: null,
      is_dry_run: false,
      is_strict: false,
      ...parameters,
    },
  };
}

test("a look is a row until its files are read again, whichever way it ended", () => {
  const look = job({ id: 1, state: "failed" }, { is_dry_run: true });
  const again = job({ id: 2 }, { is_dry_run: true, source_job: 1, format: "labelme" });
  const imported = job({ id: 3 }, { source_job: 2 });
  expect(shownJobs([look])).toEqual([look]);
  expect(shownJobs([again, look])).toEqual([again]);
  expect(shownJobs([imported, again, look])).toEqual([imported]);
});

test("an import's files are those of the look before it", () => {
  const look = job({ id: 2 }, { is_dry_run: true, source_job: 1 });
  expect(sourceOf(look)).toBe(2);
  expect(sourceOf(job({ id: 3, state: "failed" }, { source_job: 2 }))).toBe(2);
});

test("a look that was cancelled is no row, and an import that was is one", () => {
  const look = job({ id: 1, state: "cancelled" }, { is_dry_run: true });
  const cancelled = job({ id: 2, state: "cancelled" }, {});
  expect(shownJobs([cancelled, look])).toEqual([cancelled]);
});

test("what runs is told with its progress, several with their number", () => {
  const running = job({ state: "running", progress: 0.439, finished_at: null }, {});
  const waiting = job({ kind: "export", state: "queued", progress: 0, finished_at: null }, {});
  expect(runningWords([job({}, {})])).toBeNull();
  expect(runningWords([running, job({}, {})])).toBe("Importing 43%");
  expect(runningWords([waiting])).toBe("Exporting 0%");
  expect(runningWords([waiting, running])).toBe("2 running");
});

test("a job tells what it was and what came of it", () => {
  const counts = { new_images: 3, new_annotations: 1, problems: 2 };
  const imported = job({ counts }, {});
  expect(jobTitle(imported, String)).toBe("Import: street.zip");
  expect(jobDetail(imported, NOW)).toBe("3 images, 1 annotation added, 2 problems · 14:03");
  const exported = job({ kind: "export", counts: { images: 1200 }, file_bytes: 2048 }, {});
  expect(jobDetail(exported, new Date("2026-03-03T09:00:00"))).toBe(
    "1,200 images, 2 KB · Yesterday",
  );
});
