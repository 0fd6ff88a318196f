import { ActionIcon, Button, Popover, Progress } from "@mantine/core";
import {
  IconDownload,
  IconHistory,
  IconLoader2,
  IconPackageExport,
  IconPackageImport,
  IconX,
} from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { type Job, jobFileUrl } from "../../api/client";
import { isOver, keys, useFormats, useJobs, useSession } from "../queries";
import { notifyInfo } from "../shared/notify";
import { useCancel } from "./JobProgress";
import classes from "./JobsMenu.module.css";
import { isLook, jobDetail, jobTitle, runningWords, shownJobs } from "./jobs";

interface Props {
  readonly projectId: number;
  /** Everybody's jobs may be cancelled, not one's own alone. */
  readonly canEdit: boolean;
  /** A dialog tells already what becomes of its job. */
  readonly isQuiet: boolean;
  readonly onOpen: (job: Job) => void;
}

interface RowProps {
  readonly job: Job;
  readonly title: string;
  readonly canCancel: boolean;
  readonly onOpen: () => void;
}

function Row({ job, title, canCancel, onOpen }: RowProps) {
  const cancel = useCancel(job);
  const Icon = job.kind === "export" ? IconPackageExport : IconPackageImport;
  return (
    <li className={classes.row} data-state={job.state}>
      <button type="button" className={classes.job} onClick={onOpen}>
        <Icon size={16} stroke={1.6} />
        <strong>{title}</strong>
        <span className="tabular">{jobDetail(job)}</span>
        {!isOver(job) && (
          <Progress
            value={job.progress * 100}
            size={3}
            animated
            aria-label={`${title}: progress`}
          />
        )}
      </button>
      {!isOver(job) && canCancel && (
        <ActionIcon
          aria-label={`Cancel ${title}`}
          loading={cancel.isPending}
          onClick={() => cancel.mutate()}
        >
          <IconX size={15} />
        </ActionIcon>
      )}
      {job.kind === "export" && job.state === "done" && (
        <ActionIcon
          component="a"
          href={jobFileUrl(job.id)}
          download={job.file_name ?? "export.zip"}
          aria-label={`Download ${job.file_name}`}
        >
          <IconDownload size={15} />
        </ActionIcon>
      )}
    </li>
  );
}

/** Tells of jobs that were seen running and have ended, and shows the images that they brought. */
function useEnded(projectId: number, jobs: readonly Job[], tell: (job: Job) => void) {
  const client = useQueryClient();
  const running = useRef(new Set<number>());
  const latest = useRef(tell);
  latest.current = tell;
  useEffect(() => {
    for (const job of jobs) {
      if (!isOver(job)) running.current.add(job.id);
      else if (running.current.delete(job.id)) {
        latest.current(job);
        if (job.kind !== "import" || isLook(job)) continue;
        void client.invalidateQueries({ queryKey: keys.project(projectId) });
        void client.invalidateQueries({ queryKey: keys.projects });
      }
    }
  }, [client, jobs, projectId]);
}

const NONE: readonly Job[] = [];

/** The way back to imports and exports, that run or ran: what became of them, their files and reports. */
export function JobsMenu({ projectId, canEdit, isQuiet, onOpen }: Props) {
  const { data } = useJobs(projectId);
  const formats = useFormats(true);
  const session = useSession();
  const [isOpen, setIsOpen] = useState(false);
  const titleOf = (name: string) => formats.data?.find((one) => one.name === name)?.title ?? name;
  const tell = (job: Job) => {
    if (!isQuiet && !isOpen && job.state !== "cancelled") {
      notifyInfo(jobTitle(job, titleOf), jobDetail(job));
    }
  };
  useEnded(projectId, data ?? NONE, tell);
  const jobs = shownJobs(data ?? NONE);
  if (jobs.length === 0) return null;
  const running = runningWords(jobs);
  const toggle = () => setIsOpen(!isOpen);
  return (
    <Popover
      position="bottom-end"
      width={380}
      trapFocus
      returnFocus
      opened={isOpen}
      onChange={setIsOpen}
    >
      <Popover.Target>
        {running ? (
          <Button
            variant="subtle"
            color="gray"
            leftSection={<IconLoader2 size={15} className={classes.turning} />}
            onClick={toggle}
          >
            <span className="tabular">{running}</span>
          </Button>
        ) : (
          <ActionIcon
            aria-label="Imports and exports"
            title="Imports and exports"
            size={30}
            onClick={toggle}
          >
            <IconHistory size={16} />
          </ActionIcon>
        )}
      </Popover.Target>
      <Popover.Dropdown className={classes.menu} aria-label="Imports and exports">
        <h2>Imports and exports</h2>
        <ul>
          {jobs.map((job) => (
            <Row
              key={job.id}
              job={job}
              title={jobTitle(job, titleOf)}
              canCancel={canEdit || job.user_id === session.data?.id}
              onOpen={() => {
                setIsOpen(false);
                onOpen(job);
              }}
            />
          ))}
        </ul>
      </Popover.Dropdown>
    </Popover>
  );
}
