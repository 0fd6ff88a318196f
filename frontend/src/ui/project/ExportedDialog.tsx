import { Button, Group, Modal } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { type Job, jobFileUrl } from "../../api/client";
import { useFormats, useJob } from "../queries";
import { formatBytes, plural } from "../shared/format";
import { ChangeTable } from "./ChangeTable";
import classes from "./ExportDialog.module.css";
import { JobProgress } from "./JobProgress";
import { jobTitle } from "./jobs";

/** An export that was started before: how far it is, its file, and what it changed. */
export function ExportedDialog({ job: started, onClose }: { job: Job; onClose: () => void }) {
  const formats = useFormats(true);
  const job = useJob(started.id).data ?? started;
  const titleOf = (name: string) => formats.data?.find((one) => one.name === name)?.title ?? name;
  const report = job.state === "done" ? job.report : null;
  return (
    <Modal opened onClose={onClose} title={jobTitle(job, titleOf)} size={560}>
      <div className={classes.exported}>
        <JobProgress job={job}>
          <span>{job.file_name}</span>
          <span className={`${classes.size} tabular`}>
            {job.file_bytes !== null && formatBytes(job.file_bytes)}
          </span>
        </JobProgress>
        {report && (
          <section>
            <h3>What was changed</h3>
            {report.changes?.length ? (
              <ChangeTable report={report} label="What was changed" />
            ) : (
              <p>{plural(job.counts.annotations ?? 0, "annotation")}, all written as they are.</p>
            )}
          </section>
        )}
        <Group justify="flex-end" gap={8}>
          <Button variant="subtle" color="gray" onClick={onClose}>
            Close
          </Button>
          {job.state === "done" && (
            <Button
              component="a"
              href={jobFileUrl(job.id)}
              download={job.file_name ?? "export.zip"}
              leftSection={<IconDownload size={15} />}
            >
              Download
            </Button>
          )}
        </Group>
      </div>
    </Modal>
  );
}
