import { Button, Loader, Tooltip } from "@mantine/core";
import { IconAlertTriangle, IconMinus, IconPlus } from "@tabler/icons-react";
import { type ReactNode, useEffect, useMemo, useRef, useState } from "react";
import { toggleMarking } from "../../editor/acts";
import { segmentationBox } from "../../editor/annotation";
import { promptBox } from "../../editor/prompt";
import type { Candidate, Comparison, ReadyProposal, RunningProposal } from "../../editor/proposal";
import { acceptProposal, dropProposal } from "../../editor/proposal-end";
import { Keys } from "../shared/Keys";
import { useSignal } from "../shared/useSignal";
import classes from "./Cards.module.css";
import { inWords, keyFor } from "./commands";
import { useEditorContext } from "./context";
import { DetailSlider } from "./DetailSlider";
import { titleOf } from "./engineSettings";
import { useFollow } from "./useFollow";

/** How long it takes by now: "1.4 s". */
function Elapsed({ since }: { since: number }) {
  const [elapsed, setElapsed] = useState(() => performance.now() - since);
  useEffect(() => {
    const timer = setInterval(() => setElapsed(performance.now() - since), 100);
    return () => clearInterval(timer);
  }, [since]);
  return <span className="tabular">{(elapsed / 1000).toFixed(1)} s</span>;
}

function formatTime(ms: number): string {
  return ms < 9999.5 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

function Running({ proposal }: { proposal: RunningProposal }) {
  const editor = useEditorContext();
  const ref = useRef<HTMLDivElement>(null);
  const box = useMemo(() => promptBox(proposal.prompt), [proposal]);
  useFollow(editor, ref, box);
  return (
    <div className={classes.running} ref={ref} data-testid="proposal-running">
      <Loader size={14} color="var(--draft)" />
      <Elapsed since={proposal.startedAt} />
      <Keys of={keyFor("escape")} />
    </div>
  );
}

interface AnswerProps {
  readonly candidate: Candidate;
  readonly isShown: boolean;
  readonly isCompared: boolean;
}

/** Who answered, how sure it is of itself, how long it took. */
function Answer({ candidate, isShown, isCompared }: AnswerProps) {
  const editor = useEditorContext();
  const engines = useSignal(editor.settings.engines);
  const { engine, score, elapsed_ms } = candidate.answer;
  const cells = (
    <>
      <span className={classes.engine}>{titleOf(engines, engine)}</span>
      <span>{Math.round(score * 100)}%</span>
      <span>{formatTime(elapsed_ms)}</span>
    </>
  );
  const shared = { "data-testid": "answer", "data-shown": isShown };
  if (!isCompared) {
    return (
      <div className={`${classes.answer} tabular`} {...shared}>
        {cells}
      </div>
    );
  }
  return (
    <button
      type="button"
      className={`${classes.answer} ${classes.choice} tabular`}
      aria-pressed={isShown}
      onClick={() => !isShown && void editor.proposals.compare()}
      {...shared}
    >
      {cells}
    </button>
  );
}

function Answers({ shown, comparison }: { shown: Candidate; comparison: Comparison | null }) {
  const other = comparison?.other;
  // Each keeps its line when the other is shown.
  const pair = other ? [shown, other].sort((a, b) => a.askedAt - b.askedAt) : [shown];
  return (
    <div className={classes.answers}>
      <div className={classes.heads}>
        <span>Engine</span>
        <span>Score</span>
        <span>Time</span>
      </div>
      {pair.map((candidate) => (
        <Answer
          key={candidate.askedAt}
          candidate={candidate}
          isShown={candidate === shown}
          isCompared={other !== undefined && other !== null}
        />
      ))}
      {comparison && !other && (
        <div className={`${classes.answer} ${classes.waiting}`}>
          <Loader size={12} color="var(--draft)" />
          <Elapsed since={comparison.startedAt} />
        </div>
      )}
    </div>
  );
}

interface ActionProps {
  readonly name: string;
  readonly note: string;
  readonly command: string;
  readonly isPressed?: boolean;
  readonly onClick: () => void;
  readonly children: ReactNode;
}

function Action({ name, note, command, isPressed, onClick, children }: ActionProps) {
  return (
    <Tooltip label={note} position="bottom">
      <button
        type="button"
        className={classes.action}
        data-command={command}
        aria-label={name}
        {...(isPressed === undefined ? {} : { "aria-pressed": isPressed })}
        onClick={onClick}
      >
        {children}
        <kbd className={classes.cap}>{inWords(`{${command}}`)}</kbd>
      </button>
    </Tooltip>
  );
}

function Actions() {
  const editor = useEditorContext();
  const mode = useSignal(editor.marking.mode);
  return (
    <div className={classes.tools}>
      <Action
        name="Add"
        note="Click or draw what is inside"
        command="mark-inside"
        isPressed={mode === 1}
        onClick={() => toggleMarking(editor, 1)}
      >
        <IconPlus size={13} stroke={2.4} color="var(--sign)" />
        Add
      </Action>
      <Action
        name="Remove"
        note="Click or draw what is outside"
        command="mark-outside"
        isPressed={mode === 0}
        onClick={() => toggleMarking(editor, 0)}
      >
        <IconMinus size={13} stroke={2.4} color="var(--sign)" />
        Remove
      </Action>
      <Action
        name="Compare"
        note="Compare with another engine, and back"
        command="compare"
        onClick={() => void editor.proposals.compare()}
      >
        Compare
      </Action>
    </div>
  );
}

interface CardProps {
  readonly proposal: ReadyProposal;
  /** Since when a better one is being worked on. */
  readonly since: number | null;
}

function Card({ proposal, since }: CardProps) {
  const editor = useEditorContext();
  const ref = useRef<HTMLElement>(null);
  const categories = useSignal(editor.categories);
  const active = useSignal(editor.activeCategory);
  const category = categories.find(({ id }) => id === active);
  const { prompt, shown, comparison } = proposal;
  // By the prompt's box, as long as there is one: a card that jumps with each answer cannot be clicked.
  const box = useMemo(
    () => prompt.box ?? segmentationBox(shown.segmentation),
    [prompt.box, shown.segmentation],
  );
  useFollow(editor, ref, box);
  const { fallback } = shown.answer;
  return (
    <section className={classes.card} ref={ref} data-testid="proposal-card" aria-label="Proposal">
      <header>
        <span
          className={classes.swatch}
          style={{ background: category?.color ?? "var(--text-faint)" }}
        />
        <strong>{category?.name ?? "No category yet"}</strong>
        {since !== null && (
          <span className={classes.busy} data-testid="proposal-running">
            <Loader size={12} color="var(--draft)" />
            <Elapsed since={since} />
          </span>
        )}
      </header>
      <Answers shown={shown} comparison={comparison} />
      {fallback && (
        <p className={classes.fallback}>
          <IconAlertTriangle size={14} />
          {fallback}
        </p>
      )}
      <DetailSlider candidate={shown} />
      <Actions />
      <footer>
        <Button
          size="compact-xs"
          onClick={() => acceptProposal(editor)}
          disabled={since !== null}
          rightSection={<kbd className={classes.cap}>{inWords("{accept}")}</kbd>}
        >
          Accept
        </Button>
        <Button
          size="compact-xs"
          variant="subtle"
          color="gray"
          onClick={() => (since === null ? dropProposal(editor) : editor.proposals.cancel())}
          rightSection={<Keys of={keyFor("escape")} />}
        >
          {since === null ? "Drop" : "Cancel"}
        </Button>
      </footer>
    </section>
  );
}

/** Beside the object: first how long it takes, then what came and what to do with it. */
export function ProposalCard() {
  const { proposals } = useEditorContext();
  const state = useSignal(proposals.state);
  if (!state) return null;
  if (state.kind === "ready") return <Card proposal={state} since={null} />;
  return state.before ? (
    <Card proposal={state.before} since={state.startedAt} />
  ) : (
    <Running proposal={state} />
  );
}
