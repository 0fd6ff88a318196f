import { Button, Loader } from "@mantine/core";
import { IconCircleCheck } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { answer, api } from "../../api/client";
import { describeError } from "../../api/problems";
import { useJob } from "../queries";
import { plural } from "../shared/format";
import { ChangeTable } from "./ChangeTable";
import classes from "./Preflight.module.css";

interface Props {
  readonly projectId: number;
  readonly format: string;
  readonly options: Readonly<Record<string, string | boolean>>;
  /** Larger projects are looked through when asked to. */
  readonly isLarge: boolean;
}

/** What the export would change, annotation by annotation, found out by making it without writing it. */
export function Preflight({ projectId, format, options, isLarge }: Props) {
  const [asked, setAsked] = useState("");
  const key = JSON.stringify([format, options]);
  const isWanted = !isLarge || asked === key;
  const start = useQuery({
    queryKey: ["preflight", projectId, key],
    enabled: isWanted,
    staleTime: 0,
    gcTime: 0,
    retry: false,
    queryFn: async ({ signal }) => {
      // Whoever clicks through the formats starts none of them.
      await new Promise((resolve) => setTimeout(resolve, 300));
      signal.throwIfAborted();
      return answer(
        api.POST("/api/projects/{project_id}/exports/preflight", {
          params: { path: { project_id: projectId } },
          body: { format, options },
        }),
      );
    },
  });
  const jobId = start.data?.id ?? null;
  const job = useJob(jobId);
  useEffect(() => {
    if (jobId === null) return;
    // Nobody waits for it any more; one that is over stays as it is.
    return () => void api.DELETE("/api/jobs/{job_id}", { params: { path: { job_id: jobId } } });
  }, [jobId]);
  const report = job.data?.state === "done" ? job.data.report : null;
  if (!isWanted) {
    return (
      <Button size="xs" variant="default" onClick={() => setAsked(key)}>
        Check what would change
      </Button>
    );
  }
  const error = start.error ?? job.error;
  if (error || job.data?.state === "failed") {
    return (
      <div className={classes.error} role="alert">
        {error ? describeError(error) : String(job.data?.problem?.detail)}
      </div>
    );
  }
  if (job.data?.state === "cancelled") {
    return (
      <Button size="xs" variant="default" onClick={() => void start.refetch()}>
        It was cancelled: check again
      </Button>
    );
  }
  if (!report) {
    return (
      <div className={classes.waiting}>
        <Loader size={12} /> Looking what would change…
      </div>
    );
  }
  if (!report.changes?.length) {
    return (
      <div className={classes.clean} role="status">
        <IconCircleCheck size={16} />
        {plural(job.data?.counts.annotations ?? 0, "annotation")}, all written as they are.
      </div>
    );
  }
  return <ChangeTable report={report} label="What would change" />;
}
