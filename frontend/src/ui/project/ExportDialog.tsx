import { Button, Group, Modal } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type KeyboardEvent, useEffect, useState } from "react";
import { answer, api, type Format, type Job, jobFileUrl, type Project } from "../../api/client";
import { describeError } from "../../api/problems";
import { isOver, keys, useFormats, useJob } from "../queries";
import { formatBytes } from "../shared/format";
import { Loading } from "../shared/Loading";
import classes from "./ExportDialog.module.css";
import { JobProgress } from "./JobProgress";
import { OptionField } from "./OptionField";
import { Preflight } from "./Preflight";

const FIRST = "coco"; // what most trainers read
const LARGE = 20_000; // annotations; more are looked through when asked to

const STEPS: Readonly<Record<string, number>> = {
  ArrowDown: 1,
  ArrowRight: 1,
  ArrowUp: -1,
  ArrowLeft: -1,
};

type Options = Record<string, string | boolean>;

interface Props {
  readonly project: Project;
  readonly opened: boolean;
  readonly onClose: () => void;
}

function download(job: Job): void {
  const link = document.createElement("a");
  link.href = jobFileUrl(job.id);
  link.download = job.file_name ?? "export.zip";
  link.click();
}

function FormatList(props: {
  formats: readonly Format[];
  chosen: Format;
  isDisabled: boolean;
  onChoose: (format: Format) => void;
}) {
  const { formats, chosen, onChoose } = props;
  /** As with any radio buttons: the arrows choose, and Tab leaves. */
  const move = (event: KeyboardEvent) => {
    const by = STEPS[event.key];
    const next = formats.at((formats.indexOf(chosen) + (by ?? 0)) % formats.length);
    if (by === undefined || !next) return;
    event.preventDefault();
    onChoose(next);
    event.currentTarget.querySelector<HTMLElement>(`[data-name="${next.name}"]`)?.focus();
  };
  return (
    <div className={classes.formats} role="radiogroup" aria-label="Format" onKeyDown={move}>
      {formats.map((item) => (
        // biome-ignore lint/a11y/useSemanticElements: a card with a description is no plain radio button
        <button
          key={item.name}
          type="button"
          role="radio"
          aria-checked={item === chosen}
          tabIndex={item === chosen ? 0 : -1}
          data-name={item.name}
          className={classes.format}
          disabled={props.isDisabled}
          onClick={() => onChoose(item)}
        >
          {item.title}
        </button>
      ))}
    </div>
  );
}

function ExportForm({ project, onClose }: Omit<Props, "opened">) {
  const client = useQueryClient();
  const formats = useFormats(true);
  const [name, setName] = useState(FIRST);
  const [options, setOptions] = useState<Options>({});
  const [jobId, setJobId] = useState<number | null>(null);
  const job = useJob(jobId);
  const format = formats.data?.find((item) => item.name === name) ?? formats.data?.[0];
  const values = Object.fromEntries(
    format?.options.map((option) => [option.name, options[option.name] ?? option.default]) ?? [],
  );
  const start = useMutation({
    mutationFn: (chosen: Format) =>
      answer(
        api.POST("/api/projects/{project_id}/exports", {
          params: { path: { project_id: project.id } },
          body: { format: chosen.name, options: values },
        }),
      ),
    onSuccess: (made) => {
      setJobId(made.id);
      void client.invalidateQueries({ queryKey: keys.jobs(project.id) });
    },
  });
  const ready = job.data?.state === "done" ? job.data : null;
  useEffect(() => {
    if (ready) download(ready);
  }, [ready]);
  const isRunning = start.isPending || (job.data !== undefined && !isOver(job.data));
  const error = start.error ?? job.error ?? formats.error;
  if (formats.isPending) return <Loading />;
  if (!format) return <div className={classes.error}>{error ? describeError(error) : ""}</div>;
  return (
    <>
      <div className={classes.panes}>
        <FormatList
          formats={formats.data ?? []}
          chosen={format}
          isDisabled={isRunning}
          onChoose={(item) => {
            setName(item.name);
            setOptions({});
            setJobId(null);
          }}
        />
        <div className={classes.detail}>
          <p>{format.description}</p>
          {format.options.length > 0 && (
            <div className={classes.options}>
              {format.options.map((option) => (
                <OptionField
                  key={option.name}
                  option={option}
                  value={values[option.name] ?? option.default}
                  isDisabled={isRunning}
                  onChange={(value) => {
                    setOptions({ ...options, [option.name]: value });
                    setJobId(null);
                  }}
                />
              ))}
            </div>
          )}
          <section>
            <h3>What would change</h3>
            <Preflight
              projectId={project.id}
              format={format.name}
              options={values}
              isLarge={project.annotation_count > LARGE}
            />
          </section>
          {format.loses.length > 0 && (
            <section>
              <h3>This format does not carry</h3>
              <ul>
                {format.loses.map((loss) => (
                  <li key={loss}>{loss}</li>
                ))}
              </ul>
            </section>
          )}
        </div>
      </div>
      <div className={classes.foot}>
        {job.data && (
          <JobProgress job={job.data}>
            <span>{job.data.file_name}</span>
            <span className={`${classes.size} tabular`}>
              {job.data.file_bytes !== null && formatBytes(job.data.file_bytes)}
            </span>
          </JobProgress>
        )}
        {error && (
          <div className={classes.error} role="alert">
            {describeError(error)}
          </div>
        )}
        <Group justify="flex-end" gap={8}>
          <Button variant="subtle" color="gray" onClick={onClose}>
            Close
          </Button>
          {ready ? (
            <Button leftSection={<IconDownload size={15} />} onClick={() => download(ready)}>
              Download again
            </Button>
          ) : (
            <Button loading={isRunning} onClick={() => start.mutate(format)}>
              Export
            </Button>
          )}
        </Group>
      </div>
    </>
  );
}

export function ExportDialog({ project, opened, onClose }: Props) {
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title="Export dataset"
      size={780}
      classNames={{ body: classes.body ?? "" }}
    >
      <ExportForm project={project} onClose={onClose} />
    </Modal>
  );
}
