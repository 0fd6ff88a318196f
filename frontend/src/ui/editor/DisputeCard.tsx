import { Button } from "@mantine/core";
import { IconUsers } from "@tabler/icons-react";
import { useEffect, useMemo, useRef } from "react";
import { boxOf } from "../../editor/annotation";
import type { Dispute } from "../../editor/disputes";
import { formatCount } from "../shared/format";
import { useSignal } from "../shared/useSignal";
import classes from "./Cards.module.css";
import { useAnnotations, useEditorContext } from "./context";
import own from "./DisputeCard.module.css";
import { useFollow } from "./useFollow";

interface VersionProps {
  readonly id: string;
  readonly whose: "theirs" | "mine";
}

function Version({ id, whose }: VersionProps) {
  const editor = useEditorContext();
  const annotation = useAnnotations().find((one) => one.id === id);
  const category = useSignal(editor.categories).find((one) => one.id === annotation?.category_id);
  return (
    <li className={own.version} data-whose={whose}>
      <strong>{whose === "mine" ? "Yours" : "Theirs"}</strong>
      <span className={own.name}>{annotation ? category?.name : "deleted"}</span>
      {annotation && <span className="tabular">{formatCount(annotation.area)} px</span>}
    </li>
  );
}

function Card({ dispute, count }: { dispute: Dispute; count: number }) {
  const editor = useEditorContext();
  const ref = useRef<HTMLElement>(null);
  const { theirs, mine } = dispute;
  const box = useMemo(() => {
    const annotation = editor.annotations.get(mine);
    return annotation ? boxOf(annotation) : null;
  }, [editor, mine]);
  useFollow(editor, ref, box);
  useEffect(() => editor.reveal(mine), [editor, mine]);
  const isDeleted = !useAnnotations().some(({ id }) => id === theirs);
  const settle = (verdict: "theirs" | "mine" | "both") => editor.disputes.settle(dispute, verdict);
  return (
    <section
      className={classes.card}
      ref={ref}
      aria-label="Two versions of an annotation"
      data-testid="dispute-card"
    >
      <header>
        <IconUsers size={15} stroke={1.7} />
        <strong>Somebody else changed this too</strong>
        {count > 1 && <span className={own.more}>1 of {count}</span>}
      </header>
      <p className={own.words}>Nothing is lost: both versions are saved. Which one stays?</p>
      <ul className={own.versions}>
        <Version id={theirs} whose="theirs" />
        <Version id={mine} whose="mine" />
      </ul>
      <footer className={own.choices}>
        <Button size="compact-xs" variant="default" onClick={() => settle("theirs")}>
          {isDeleted ? "Leave it deleted" : "Keep theirs"}
        </Button>
        <Button size="compact-xs" variant="default" onClick={() => settle("mine")}>
          Keep mine
        </Button>
        {!isDeleted && (
          <Button size="compact-xs" variant="subtle" color="gray" onClick={() => settle("both")}>
            Keep both
          </Button>
        )}
      </footer>
    </section>
  );
}

/** Beside an annotation that two people changed: both versions are on the canvas, and one is chosen. */
export function DisputeCard() {
  const open = useSignal(useEditorContext().disputes.open);
  const [first] = open;
  return first ? <Card key={first.mine} dispute={first} count={open.length} /> : null;
}
