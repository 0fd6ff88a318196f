import { Button, Checkbox, FileButton, Group, Modal, Progress, Select } from "@mantine/core";
import { IconFileZip, IconFolder, IconUpload } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import type { Job } from "../../api/client";
import { describeError } from "../../api/problems";
import { type ChosenFile, startImport } from "../../api/upload";
import { keys, useFormats, useJob } from "../queries";
import { formatBytes, plural } from "../shared/format";
import { chosenFiles } from "./chosen";
import classes from "./ImportDialog.module.css";
import { ImportReport } from "./ImportReport";
import { isOver, JobProgress } from "./JobProgress";

interface Props {
  readonly projectId: number;
  readonly files: readonly ChosenFile[];
  readonly onFiles: (files: readonly ChosenFile[]) => void;
  readonly opened: boolean;
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

function Chosen({ files }: { files: readonly ChosenFile[] }) {
  const bytes = files.reduce((sum, { file }) => sum + file.size, 0);
  const name = files.length === 1 ? files[0]?.path : plural(files.length, "file");
  return (
    <div className={classes.chosen}>
      <IconFileZip size={16} />
      <span>{name}</span>
      <span className="tabular">{formatBytes(bytes)}</span>
    </div>
  );
}

function ImportForm({ projectId, files, onFiles, onClose }: Omit<Props, "opened">) {
  const client = useQueryClient();
  const formats = useFormats(true);
  const [format, setFormat] = useState("");
  const [isStrict, setIsStrict] = useState(false);
  const [sent, setSent] = useState(0);
  const [jobId, setJobId] = useState<number | null>(null);
  const job = useJob(jobId);
  // The look at what is there is a job, and so is the import; which of them runs is told by what was asked for last.
  const start = useMutation({
    mutationFn: (request: { isDryRun: boolean; source: Job | null }) => {
      setSent(0);
      return startImport(
        projectId,
        {
          files,
          sourceJob: request.source?.id ?? null,
          format,
          isDryRun: request.isDryRun,
          isStrict: isStrict && !request.isDryRun,
        },
        setSent,
      );
    },
    onSuccess: (made) => setJobId(made.id),
  });
  const isLook = start.variables?.isDryRun ?? true;
  const isRunning = start.isPending || (job.data !== undefined && !isOver(job.data));
  const isDone = job.data?.state === "done";
  useEffect(() => {
    if (!isDone || isLook) return;
    void client.invalidateQueries({ queryKey: keys.project(projectId) });
    void client.invalidateQueries({ queryKey: keys.projects });
  }, [client, isDone, isLook, projectId]);
  const { mutate } = start;
  // biome-ignore lint/correctness/useExhaustiveDependencies: looked through again when another format is named
  useEffect(() => {
    if (files.length > 0) mutate({ isDryRun: true, source: null });
  }, [files, format, mutate]);
  if (files.length === 0) return <Chooser onFiles={onFiles} />;
  const error = start.error ?? job.error;
  const report = isDone ? job.data?.report : null;
  return (
    <div className={classes.form}>
      <Chosen files={files} />
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
        disabled={isRunning || (isDone && !isLook)}
        onChange={(value) => setFormat(value ?? "")}
      />
      {start.isPending && (
        <div className={classes.sending}>
          <Progress value={sent * 100} size={4} aria-label="Sent" />
          <span>Sending…</span>
        </div>
      )}
      {!start.isPending && job.data && (
        <JobProgress job={job.data}>
          <span>{isLook ? "Nothing has been changed yet." : "Imported."}</span>
        </JobProgress>
      )}
      {report && job.data && (
        <ImportReport report={report} counts={job.data.counts} isLook={isLook} />
      )}
      {error && <div className={classes.error}>{describeError(error)}</div>}
      {isDone && isLook && (
        <Checkbox
          size="xs"
          label="Import nothing if anything is wrong"
          checked={isStrict}
          onChange={(event) => setIsStrict(event.currentTarget.checked)}
        />
      )}
      <Group justify="flex-end" gap={8}>
        {!(isDone && !isLook) && (
          <Button variant="subtle" color="gray" onClick={onClose}>
            Close
          </Button>
        )}
        {isDone && !isLook ? (
          <Button onClick={onClose}>Done</Button>
        ) : (
          <Button
            disabled={!isDone || isRunning || (job.data?.counts.images ?? 0) === 0}
            onClick={() => job.data && mutate({ isDryRun: false, source: job.data })}
          >
            Import
          </Button>
        )}
      </Group>
    </div>
  );
}

export function ImportDialog({ opened, onClose, ...props }: Props) {
  return (
    <Modal opened={opened} onClose={onClose} title="Import dataset" size={640}>
      <ImportForm {...props} onClose={onClose} />
    </Modal>
  );
}
