import { Button, Popover } from "@mantine/core";
import { IconCloudUp } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useNavigate } from "react-router";
import { ProblemError } from "../../api/problems";
import type { Outbox } from "../../editor/outbox";
import { imageOptions } from "../queries";
import { useSignal } from "../shared/useSignal";
import { useOutbox, useWaitingStates } from "./sending";
import classes from "./WaitingEdits.module.css";
import { type Counts, inWords, sum, waitingOf } from "./waiting";

/** What is sent within this time is not worth a word. */
const PATIENCE_MS = 1500;

interface RowProps {
  readonly imageId: number;
  readonly counts: Counts;
  readonly onOpen: (projectId: number) => void;
  readonly onDiscard: () => void;
}

function Row({ imageId, counts, onOpen, onDiscard }: RowProps) {
  const { data: image, error } = useQuery(imageOptions(imageId));
  const isGone = error instanceof ProblemError && error.status === 404;
  return (
    <li>
      <span className={classes.name}>
        {image?.name ?? (isGone ? "An image that is deleted" : `Image ${imageId}`)}{" "}
        <span>· {inWords(counts)}</span>
      </span>
      {image && (
        <Button size="compact-xs" variant="default" onClick={() => onOpen(image.project_id)}>
          Open
        </Button>
      )}
      {isGone && (
        <Button size="compact-xs" variant="subtle" color="red" onClick={onDiscard}>
          Discard
        </Button>
      )}
    </li>
  );
}

function Badge({ outbox, openImage }: { outbox: Outbox; openImage: number | null }) {
  const navigate = useNavigate();
  const [isOpen, setIsOpen] = useState(false);
  const edits = useSignal(outbox.journal.counts);
  const others = [...waitingOf(edits, useWaitingStates(), openImage)];
  const isWaiting = others.length > 0;
  const [isLong, setIsLong] = useState(false);
  useEffect(() => {
    if (!isWaiting) return;
    const timer = setTimeout(() => setIsLong(true), PATIENCE_MS);
    return () => {
      clearTimeout(timer);
      setIsLong(false);
    };
  }, [isWaiting]);
  if (!isWaiting || !isLong) return null;
  return (
    <Popover opened={isOpen} onChange={setIsOpen} position="bottom-end" width={340}>
      <Popover.Target>
        <button
          type="button"
          className={classes.badge}
          data-testid="waiting-edits"
          data-open={isOpen}
          onClick={() => setIsOpen(!isOpen)}
        >
          <IconCloudUp size={14} />
          {inWords(sum(others.map(([, counts]) => counts)))} of {openImage === null ? "" : "other "}
          {others.length === 1 && openImage === null ? "an image" : "images"} not sent
        </button>
      </Popover.Target>
      <Popover.Dropdown>
        <p className={classes.note}>
          Kept on this computer and sent again every half minute. Where somebody else changed the
          same annotation, open the image to choose.
        </p>
        <ul className={classes.list}>
          {others.map(([imageId, counts]) => (
            <Row
              key={imageId}
              imageId={imageId}
              counts={counts}
              onOpen={(projectId) => {
                setIsOpen(false);
                void navigate(`/projects/${projectId}/images/${imageId}`);
              }}
              onDiscard={() => void outbox.discard(imageId)}
            />
          ))}
        </ul>
      </Popover.Dropdown>
    </Popover>
  );
}

/** How much of other images, edits and states, is still on its way, when it takes long. */
export function WaitingEdits({ openImage = null }: { openImage?: number | null }) {
  const outbox = useOutbox();
  return outbox && <Badge outbox={outbox} openImage={openImage} />;
}
