import { ActionIcon, Progress } from "@mantine/core";
import { IconAlertTriangle, IconCheck, IconCopy, IconX } from "@tabler/icons-react";
import { formatBytes, plural } from "../shared/format";
import { useSignal } from "../shared/useSignal";
import classes from "./UploadPanel.module.css";
import type { UploadItem, Uploads } from "./uploads";

function StateIcon({ state }: { state: UploadItem["state"] }) {
  if (state === "added") return <IconCheck size={14} color="var(--accent)" />;
  if (state === "duplicate") return <IconCopy size={14} color="var(--text-faint)" />;
  if (state === "refused") return <IconAlertTriangle size={14} color="var(--danger)" />;
  return null;
}

function Row({ item }: { item: UploadItem }) {
  const { name, state, progress, reason, bytes } = item;
  return (
    <li className={classes.row} data-state={state}>
      <span className={classes.name} title={name}>
        {name}
      </span>
      <span className={`${classes.note} tabular`}>
        {state === "duplicate" ? "already here" : state === "refused" ? "" : formatBytes(bytes)}
      </span>
      {state === "sending" ? (
        <Progress value={progress * 100} size={3} w={48} animated={progress >= 1} />
      ) : (
        <StateIcon state={state} />
      )}
      {state === "refused" && <span className={classes.reason}>{reason}</span>}
    </li>
  );
}

/** What becomes of the files that were dropped: first those that need a look. */
export function UploadPanel({ uploads }: { uploads: Uploads }) {
  const items = useSignal(uploads.items);
  if (items.length === 0) return null;
  const count = (state: UploadItem["state"]) => items.filter((item) => item.state === state).length;
  const open = count("waiting") + count("sending");
  const rank = { refused: 0, sending: 1, waiting: 2, duplicate: 3, added: 4 };
  const sorted = [...items].sort((a, b) => rank[a.state] - rank[b.state] || a.key - b.key);
  const summary = [
    count("added") > 0 && `${plural(count("added"), "image")} added`,
    count("duplicate") > 0 && `${count("duplicate")} already here`,
    count("refused") > 0 && `${count("refused")} refused`,
  ].filter(Boolean);
  return (
    <section className={classes.panel} aria-label="Uploads" data-testid="upload-panel">
      <header>
        <div>
          <strong>{open > 0 ? `Uploading ${plural(open, "file")}…` : "Upload finished"}</strong>
          <span className="tabular">{summary.join(" · ")}</span>
        </div>
        <ActionIcon aria-label="Close uploads" disabled={open > 0} onClick={() => uploads.clear()}>
          <IconX size={15} />
        </ActionIcon>
      </header>
      <Progress value={((items.length - open) / items.length) * 100} size={2} radius={0} />
      <ul>
        {sorted.map((item) => (
          <Row key={item.key} item={item} />
        ))}
      </ul>
    </section>
  );
}
