import { Button, Checkbox, FileButton, Group, Modal, Progress, Select } from "@mantine/core";
import { IconFileZip, IconFolder, IconUpload } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import type { Job } from "../../api/client";
import { describeError, ProblemError } from "../../api/problems";
import { type ChosenFile, startImport } from "../../api/upload";
import { isOver, keys, useFormats, useJob } from "../queries";
import { formatBytes, plural } from "../shared/format";
import { chosenFiles } from "./chosen";
import classes from "./ImportDialog.module.css";
import { ImportReport } from "./ImportReport";
import { JobProgress } from "./JobProgress";
import { isLook as isLookJob, sourceOf } from "./jobs";

/** What is imported: files that are to be sent, or an import that was started before. */
export type ImportSubject = readonly ChosenFile[] | Job;

interface Props {
  readonly projectId: number;
  /** null: it is still to be chosen. */
  readonly subject: ImportSubject | null;
  readonly onFiles: (files: readonly ChosenFile[]) => void;
  /** Else what others import may only be looked at. */
  readonly canEdit: boolean;
  readonly onClose: () => void;
}

function Chooser({ onFiles }: { onFiles: Props["onFiles"] }) {
  const folder = useRef<HTMLInputElement>(null);
  // React knows no property for it.
  useEffect(() => folder.current?.setAttribute("webkitdirectory", ""), []);
  return (
    <div className={classes.chooser}>
      <IconFileZip size={30} stroke={1.4} />
      <strong>Drop a dataset here</strong>
      <p>
        A zip or tar archive, a folder, or an annotation file together with its pictures. Pictures
        that the project has already are found by their name.
      </p>
      <Group gap={8}>
        <FileButton multiple onChange={(files) => onFiles(chosenFiles(files))}>
          {(props) => (
            <Button {...props} variant="default" leftSection={<IconUpload size={15} />}>
              Choose files
            </Button>
          )}
        </FileButton>
        <Button
          variant="default"
          leftSection={<IconFolder size={15} />}
          onClick={() => folder.current?.click()}
        >
          Choose a folder
        </Button>
        <input
          ref={folder}
          type="file"
          hidden
          aria-label="Folder of a dataset"
          onChange={(event) => onFiles(chosenFiles([...(event.currentTarget.files ?? [])]))}
        />
      </Group>
    </div>
  );
}

function Chosen({ subject }: { subject: ImportSubject }) {
  const isJob = "id" in subject;
  const files = isJob ? [] : subject;
  const bytes = files.reduce((sum, { file }) => sum + file.size, 0);
  const name = files.length === 1 ? files[0]?.path : plural(files.length, "file");
  return (
    <div className={classes.chosen}>
      <IconFileZip size={16} />
      <span>{isJob ? subject.parameters.file_name : name}</span>
      <span className="tabular">{!isJob && formatBytes(bytes)}</span>
    </div>
  );
}

interface Asked {
  readonly isDryRun: boolean;
  readonly format: string;
}

/**
 * The look at what is there and the import itself: jobs that read the same files, which are sent for the first of
 * them. The latest of them is shown.
 */
function useImport(projectId: number, subject: ImportSubject, isStrict: boolean) {
  const client = useQueryClient();
  const [earlier] = useState("id" in subject ? subject : null);
  const [sent, setSent] = useState(0);
  const [jobId, setJobId] = useState(earlier?.id ?? null);
  // The server keeps the files of a look, and not those of an import that has ended.
  const [sourceId, setSourceId] = useState(earlier && sourceOf(earlier));
  const job = useJob(jobId);
  const sending = useRef<AbortController>(null);
  const start = useMutation({
    mutationFn: ({ isDryRun, format }: Asked) => {
      setSent(0);
      const abort = new AbortController();
      // Without files there is nothing to send, and what was asked for last is to be done.
      sending.current = sourceId === null ? abort : null;
      return startImport(
        projectId,
        {
          files: "id" in subject ? [] : subject,
          sourceJob: sourceId,
          format,
          isDryRun,
          isStrict: isStrict && !isDryRun,
        },
        setSent,
        abort.signal,
      );
    },
    onSuccess: (made) => {
      setJobId(made.id);
      setSourceId(sourceOf(made));
      void client.invalidateQueries({ queryKey: keys.jobs(projectId) });
    },
    onError: (error) => {
      // The server kept the files for a day.
      if (error instanceof ProblemError && error.status === 404 && !earlier) setSourceId(null);
    },
  });
  const { mutate } = start;
  useEffect(() => {
    if (!earlier) mutate({ isDryRun: true, format: "" });
    // Whoever closes the dialog sends no more; a job that has its files goes on.
    return () => sending.current?.abort();
  }, [earlier, mutate]);
  const isLook = start.variables?.isDryRun ?? (earlier ? isLookJob(earlier) : true);
  const isImported = job.data?.state === "done" && !isLook;
  useEffect(() => {
    if (!isImported) return;
    void client.invalidateQueries({ queryKey: keys.project(projectId) });
    void client.invalidateQueries({ queryKey: keys.projects });
  }, [client, isImported, projectId]);
  return {
    ask: mutate,
    job: job.data,
    error: start.error ?? job.error,
    isLook,
    isPending: start.isPending,
    canSend: sourceId === null,
    isSending: start.isPending && sourceId === null,
    sent,
    firstFormat: earlier?.parameters.format ?? "",
  };
}

function ImportForm(props: Omit<Props, "onFiles" | "subject"> & { subject: ImportSubject }) {
  const { projectId, subject, canEdit, onClose } = props;
  const formats = useFormats(true);
  const [isStrict, setIsStrict] = useState(false);
  const work = useImport(projectId, subject, isStrict);
  const { job, error, isLook } = work;
  const [format, setFormat] = useState(work.firstFormat);
  const isRunning = work.isPending || (job !== undefined && !isOver(job));
  const isDone = !work.isPending && job?.state === "done";
  const report = isDone ? job.report : null;
  return (
    <div className={classes.form}>
      <Chosen subject={subject} />
      <Select
        size="xs"
        label="Format"
        data={[
          { value: "", label: "Found out by the files" },
          { value: "images", label: "Pictures alone" },
          ...(formats.data ?? []).map(({ name, title }) => ({ value: name, label: title })),
        ]}
        value={format}
        allowDeselect={false}
        disabled={!canEdit || isRunning || (isDone && !isLook)}
        onChange={(value) => {
          setFormat(value ?? "");
          work.ask({ isDryRun: true, format: value ?? "" });
        }}
      />
      {work.isSending && (
        <div className={classes.sending}>
          <Progress value={work.sent * 100} size={4} aria-label="Sent" />
          <span className="tabular">
            {work.sent < 1 ? `Sending… ${Math.floor(work.sent * 100)}%` : "Received; being stored…"}
          </span>
        </div>
      )}
      {!work.isPending && job && (
        <JobProgress job={job}>
          <span>{isLook ? "Nothing has been changed yet." : "Imported."}</span>
        </JobProgress>
      )}
      {report && job && <ImportReport report={report} counts={job.counts} isLook={isLook} />}
      {error && (
        <div className={classes.error} role="alert">
          {describeError(error)}
        </div>
      )}
      {isDone && isLook && canEdit && (
        <Checkbox
          size="xs"
          label="Import nothing if anything is wrong"
          checked={isStrict}
          onChange={(event) => setIsStrict(event.currentTarget.checked)}
        />
      )}
      <Group justify="flex-end" gap={8}>
        {isDone && !isLook ? (
          <Button onClick={onClose}>Done</Button>
        ) : (
          <>
            <Button variant="subtle" color="gray" onClick={onClose}>
              {work.isSending ? "Stop sending" : "Close"}
            </Button>
            {error && work.canSend && (
              <Button variant="default" onClick={() => work.ask({ isDryRun: true, format })}>
                Send again
              </Button>
            )}
            {canEdit && (
              <Button
                disabled={!isDone || (job?.counts.images ?? 0) === 0}
                onClick={() => work.ask({ isDryRun: false, format })}
              >
                Import
              </Button>
            )}
          </>
        )}
      </Group>
    </div>
  );
}

export function ImportDialog({ opened, subject, onFiles, ...props }: Props & { opened: boolean }) {
  // Another subject is another form, with nothing of the one before.
  const [shown, setShown] = useState({ subject, key: 0 });
  if (shown.subject !== subject) setShown({ subject, key: shown.key + 1 });
  return (
    <Modal opened={opened} onClose={props.onClose} title="Import dataset" size={640}>
      {subject ? (
        <ImportForm key={shown.key} subject={subject} {...props} />
      ) : (
        <Chooser onFiles={onFiles} />
      )}
    </Modal>
  );
}
