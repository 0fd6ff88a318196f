import { Button, Progress } from "@mantine/core";
import { IconAlertCircle, IconCircleCheck } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { answer, api, type Job } from "../../api/client";
import { keys } from "../queries";
import { notifyError } from "../shared/notify";
import classes from "./JobProgress.module.css";

/** Ends a job that has not ended. */
export function useCancel(job: Job) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () =>
      answer(api.DELETE("/api/jobs/{job_id}", { params: { path: { job_id: job.id } } })),
    onSettled: () => {
      if (job.project_id !== null) {
        void client.invalidateQueries({ queryKey: keys.jobs(job.project_id) });
      }
      return client.invalidateQueries({ queryKey: keys.job(job.id) });
    },
    onError: (error) => notifyError("The job could not be cancelled", error),
  });
}

/** How far a job is, with a way to stop it; at its end what became of it. */
export function JobProgress({ job, children }: { job: Job; children?: ReactNode }) {
  const cancel = useCancel(job);
  if (job.state === "failed" || job.state === "cancelled") {
    const detail = job.problem?.detail ?? job.problem?.title ?? job.message;
    return (
      <div className={classes.result} data-state="failed" role="alert">
        <IconAlertCircle size={16} />
        <span>{job.state === "cancelled" ? "It was cancelled." : String(detail)}</span>
      </div>
    );
  }
  if (job.state === "done") {
    return (
      <div className={classes.result} data-state="done" role="status">
        <IconCircleCheck size={16} />
        {children}
      </div>
    );
  }
  return (
    <div className={classes.running}>
      <Progress value={job.progress * 100} size={4} animated aria-label="Progress" />
      <div>
        <span className="tabular">{job.message || "Waiting…"}</span>
        <span className={classes.hint}>Goes on when this is closed</span>
        <Button
          size="compact-xs"
          variant="subtle"
          color="gray"
          loading={cancel.isPending}
          onClick={() => cancel.mutate()}
        >
          Cancel
        </Button>
      </div>
    </div>
  );
}
