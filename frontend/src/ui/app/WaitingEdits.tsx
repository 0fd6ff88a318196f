import { Button, Popover } from "@mantine/core";
import { IconCloudUp } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useNavigate } from "react-router";
import { ProblemError } from "../../api/problems";
import type { Outbox } from "../../editor/outbox";
import { imageOptions } from "../queries";
import { plural } from "../shared/format";
import { useSignal } from "../shared/useSignal";
import { useOutbox } from "./outbox";
import classes from "./WaitingEdits.module.css";

/** What is sent within this time is not worth a word. */
const PATIENCE_MS = 1500;

interface RowProps {
  readonly imageId: number;
  readonly count: number;
  readonly onOpen: (projectId: number) => void;
  readonly onDiscard: () => void;
}

function Row({ imageId, count, onOpen, onDiscard }: RowProps) {
  const { data: image, error } = useQuery(imageOptions(imageId));
  const isGone = error instanceof ProblemError && error.status === 404;
  return (
    <li>
      <span className={classes.name}>
        {image?.name ?? (isGone ? "An image that is deleted" : `Image ${imageId}`)}{" "}
        <span>· {plural(count, "edit")}</span>
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
  const counts = useSignal(outbox.journal.counts);
  const others = [...counts].filter(([imageId]) => imageId !== openImage);
  const total = others.reduce((sum, [, count]) => sum + count, 0);
  const isWaiting = total > 0;
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
          {plural(total, "edit")} of {openImage === null ? "" : "other "}
          {others.length === 1 && openImage === null ? "an image" : "images"} not sent
        </button>
      </Popover.Target>
      <Popover.Dropdown>
        <p className={classes.note}>
          Kept on this computer and sent again every half minute. Where somebody else changed the
          same annotation, open the image to choose.
        </p>
        <ul className={classes.list}>
          {others.map(([imageId, count]) => (
            <Row
              key={imageId}
              imageId={imageId}
              count={count}
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

/** How much of other images is still on its way, when it takes long. */
export function WaitingEdits({ openImage = null }: { openImage?: number | null }) {
  const outbox = useOutbox();
  return outbox && <Badge outbox={outbox} openImage={openImage} />;
}
