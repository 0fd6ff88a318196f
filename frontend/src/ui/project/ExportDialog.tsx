import { Button, Group, Modal, Progress, Select, Stack, Switch } from "@mantine/core";
import { IconAlertCircle, IconCircleCheck, IconDownload } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { answer, api, type Format, type Job, jobFileUrl } from "../../api/client";
import { describeError } from "../../api/problems";
import { useFormats, useJob } from "../queries";
import { formatBytes } from "../shared/format";
import { Loading } from "../shared/Loading";
import classes from "./ExportDialog.module.css";

/** How the glossary writes them; a choice that is not here shows itself. */
const CHOICES: Readonly<Record<string, string>> = { rle: "RLE", polygons: "Polygons" };

type Options = Record<string, string | boolean>;

interface Props {
  readonly projectId: number;
  readonly opened: boolean;
  readonly onClose: () => void;
}

function download(job: Job): void {
  const link = document.createElement("a");
  link.href = jobFileUrl(job.id);
  link.download = job.file_name ?? "export.zip";
  link.click();
}

function OptionField(props: {
  option: Format["options"][number];
  value: string | boolean;
  onChange: (value: string | boolean) => void;
}) {
  const { option, value, onChange } = props;
  if (typeof value === "boolean") {
    return (
      <Switch
        size="xs"
        label={option.title}
        checked={value}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
    );
  }
  return (
    <Select
      label={option.title}
      data={(option.choices ?? [value]).map((choice) => ({
        value: choice,
        label: CHOICES[choice] ?? choice,
      }))}
      value={value}
      allowDeselect={false}
      onChange={(choice) => onChange(choice ?? value)}
    />
  );
}

function JobProgress({ job }: { job: Job }) {
  if (job.state === "failed" || job.state === "cancelled") {
    const detail = job.problem?.detail ?? job.problem?.title ?? job.message;
    return (
      <div className={classes.result} data-state="failed">
        <IconAlertCircle size={16} />
        {job.state === "cancelled" ? "The export was cancelled." : String(detail)}
      </div>
    );
  }
  if (job.state === "done") {
    return (
      <div className={classes.result} data-state="done">
        <IconCircleCheck size={16} />
        <span>{job.file_name}</span>
        <span className="tabular">{job.file_bytes !== null && formatBytes(job.file_bytes)}</span>
      </div>
    );
  }
  return (
    <div className={classes.running}>
      <Progress value={job.progress * 100} size={4} animated />
      <span className="tabular">{job.message || "Waiting…"}</span>
    </div>
  );
}

function ExportForm({ projectId, onClose }: Omit<Props, "opened">) {
  const formats = useFormats(true);
  const [name, setName] = useState<string | null>(null);
  const [options, setOptions] = useState<Options>({});
  const [jobId, setJobId] = useState<number | null>(null);
  const job = useJob(jobId);
  const format = formats.data?.find((item) => item.name === name) ?? formats.data?.[0];
  const start = useMutation({
    mutationFn: (chosen: Format) =>
      answer(
        api.POST("/api/projects/{project_id}/exports", {
          params: { path: { project_id: projectId } },
          body: {
            format: chosen.name,
            options: Object.fromEntries(
              chosen.options.map((option) => [option.name, options[option.name] ?? option.default]),
            ),
          },
        }),
      ),
    onSuccess: (made) => setJobId(made.id),
  });
  const ready = job.data?.state === "done" ? job.data : null;
  useEffect(() => {
    if (ready) download(ready);
  }, [ready]);
  const isRunning =
    start.isPending || job.data?.state === "queued" || job.data?.state === "running";
  const error = start.error ?? job.error ?? formats.error;
  if (formats.isPending) return <Loading />;
  return (
    <Stack gap={16}>
      <div className={classes.formats} role="radiogroup" aria-label="Format">
        {formats.data?.map((item) => (
          // biome-ignore lint/a11y/useSemanticElements: a card with a description is no plain radio button
          <button
            key={item.name}
            type="button"
            role="radio"
            aria-checked={item === format}
            className={classes.format}
            disabled={isRunning}
            onClick={() => {
              setName(item.name);
              setOptions({});
              setJobId(null);
            }}
          >
            <strong>{item.title}</strong>
            <span>{item.description}</span>
          </button>
        ))}
      </div>
      {format && format.options.length > 0 && (
        <Stack gap={10}>
          {format.options.map((option) => (
            <OptionField
              key={option.name}
              option={option}
              value={options[option.name] ?? option.default}
              onChange={(value) => {
                setOptions({ ...options, [option.name]: value });
                setJobId(null);
              }}
            />
          ))}
        </Stack>
      )}
      {format && format.loses.length > 0 && (
        <div className={classes.loses}>
          <strong>This format does not carry</strong>
          <ul>
            {format.loses.map((loss) => (
              <li key={loss}>{loss}</li>
            ))}
          </ul>
        </div>
      )}
      {job.data && <JobProgress job={job.data} />}
      {error && <div className={classes.error}>{describeError(error)}</div>}
      <Group justify="flex-end" gap={8}>
        <Button variant="subtle" color="gray" onClick={onClose}>
          Close
        </Button>
        {ready ? (
          <Button leftSection={<IconDownload size={15} />} onClick={() => download(ready)}>
            Download again
          </Button>
        ) : (
          <Button
            disabled={!format}
            loading={isRunning}
            onClick={() => format && start.mutate(format)}
          >
            Export
          </Button>
        )}
      </Group>
    </Stack>
  );
}

export function ExportDialog({ projectId, opened, onClose }: Props) {
  return (
    <Modal opened={opened} onClose={onClose} title="Export dataset" size={520}>
      <ExportForm projectId={projectId} onClose={onClose} />
    </Modal>
  );
}
