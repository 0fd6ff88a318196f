import { Button, Loader } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { useEffect, useMemo, useRef, useState } from "react";
import type { ReadyProposal, RunningProposal } from "../../editor/proposals";
import { countVertices, polygonsBox } from "../../geometry/polygons";
import { formatCount } from "../shared/format";
import { Keys } from "../shared/Keys";
import { useSignal } from "../shared/useSignal";
import classes from "./Cards.module.css";
import { useEditorContext } from "./context";
import { useFollow } from "./useFollow";

function Running({ proposal }: { proposal: RunningProposal }) {
  const editor = useEditorContext();
  const ref = useRef<HTMLDivElement>(null);
  const [elapsed, setElapsed] = useState(0);
  useFollow(editor, ref, proposal.box);
  useEffect(() => {
    const timer = setInterval(() => setElapsed(performance.now() - proposal.startedAt), 100);
    return () => clearInterval(timer);
  }, [proposal]);
  return (
    <div className={classes.running} ref={ref} data-testid="proposal-running">
      <Loader size={14} color="var(--draft)" />
      <span className="tabular">{(elapsed / 1000).toFixed(1)} s</span>
    </div>
  );
}

function Ready({ proposal }: { proposal: ReadyProposal }) {
  const editor = useEditorContext();
  const ref = useRef<HTMLElement>(null);
  const categories = useSignal(editor.categories);
  const active = useSignal(editor.activeCategory);
  const category = categories.find(({ id }) => id === active);
  const { polygons, score, elapsed_ms, engine, fallback } = proposal;
  const box = useMemo(() => polygonsBox(polygons), [polygons]);
  useFollow(editor, ref, box);
  return (
    <section className={classes.card} ref={ref} data-testid="proposal-card" aria-label="Proposal">
      <header>
        <span
          className={classes.swatch}
          style={{ background: category?.color ?? "var(--text-faint)" }}
        />
        <strong>{category?.name ?? "No category yet"}</strong>
        <span className={classes.engine}>{engine}</span>
      </header>
      <dl className="tabular">
        <div>
          <dt>Score</dt>
          <dd>{Math.round(score * 100)}%</dd>
        </div>
        <div>
          <dt>Vertices</dt>
          <dd>{formatCount(countVertices(polygons))}</dd>
        </div>
        <div>
          <dt>Time</dt>
          <dd>{Math.round(elapsed_ms)} ms</dd>
        </div>
      </dl>
      {fallback && (
        <p className={classes.fallback}>
          <IconAlertTriangle size={14} />
          {fallback}
        </p>
      )}
      <footer>
        <Button
          size="compact-xs"
          onClick={() => editor.acceptProposal()}
          rightSection={<kbd className={classes.cap}>Enter</kbd>}
        >
          Accept
        </Button>
        <Button
          size="compact-xs"
          variant="subtle"
          color="gray"
          onClick={() => editor.proposals.drop()}
          rightSection={<Keys of="Escape" />}
        >
          Drop
        </Button>
      </footer>
    </section>
  );
}

/** Beside the box: first how long it takes, then what came and what to do with it. */
export function ProposalCard() {
  const { proposals } = useEditorContext();
  const proposal = useSignal(proposals.state);
  if (!proposal) return null;
  return proposal.kind === "running" ? (
    <Running proposal={proposal} />
  ) : (
    <Ready proposal={proposal} />
  );
}
