import { IconX } from "@tabler/icons-react";
import { type ReactNode, useEffect } from "react";
import { describeError } from "../../api/problems";
import { contentsBefore, type Deed, deedsOf, deletedIn } from "../../editor/past";
import { isStored } from "../../editor/sync";
import { Loading } from "../shared/Loading";
import { useEndReached } from "../shared/useEndReached";
import { useSignal } from "../shared/useSignal";
import { formatClock, formatDay } from "../shared/when";
import { useEditorContext } from "./context";
import { tell } from "./deeds";
import { titleOf } from "./engineSettings";
import classes from "./HistoryPanel.module.css";
import { useHistory } from "./useHistory";

interface RowProps {
  readonly isShown: boolean;
  readonly title: string;
  readonly note?: string;
  readonly color?: string | null;
  readonly who?: string;
  readonly onClick: () => void;
}

function Row({ isShown, title, note, color, who, onClick }: RowProps) {
  return (
    <li>
      <button
        type="button"
        className={classes.row}
        data-testid="history-row"
        aria-pressed={isShown}
        onClick={onClick}
      >
        <span className={classes.swatch} style={color ? { background: color } : {}} />
        <span className={classes.title}>{title}</span>
        {note && <span className={classes.note}>{note}</span>}
        {who && <span className={`${classes.who} tabular`}>{who}</span>}
      </button>
    </li>
  );
}

/** Who did what and when; a click shows the image as it was after that. */
export function HistoryPanel({ onClose }: { onClose: () => void }) {
  const editor = useEditorContext();
  const categories = useSignal(editor.categories);
  const engines = useSignal(editor.settings.engines);
  const moment = useSignal(editor.past.moment);
  const isAllStored = isStored(useSignal(editor.sync.status));
  const history = useHistory();
  useEffect(() => () => editor.past.leave(), [editor]);
  const end = useEndReached(history.hasNextPage, () => {
    if (!history.isFetchingNextPage) void history.fetchNextPage();
  });

  const log = history.data?.pages.flatMap(({ items }) => items) ?? [];
  const deeds = deedsOf(log);
  const isWhole = history.isSuccess && !history.hasNextPage;
  // What was done since is taken back from what is there: both must be known.
  const isReady = isAllStored && !history.isFetching;

  /** @param count how many of the newest deeds had not been done */
  const show = (count: number, id: number | null) => {
    const since = deeds.slice(0, count).flatMap(({ edits }) => edits);
    const contents = contentsBefore(since, editor.annotations.all());
    editor.past.show({ id, contents, deleted: deletedIn(since) });
  };
  const rowOf = (deed: Deed, index: number) => (
    <Row
      key={deed.id}
      isShown={moment ? moment.id === deed.id : index === 0}
      {...tell(deed, categories, (name) => titleOf(engines, name))}
      who={`${deed.user ?? "somebody"}, ${formatClock(deed.at)}`}
      onClick={() => (index === 0 ? editor.past.leave() : isReady && show(index, deed.id))}
    />
  );
  const rows: ReactNode[] = [];
  for (const [index, deed] of deeds.entries()) {
    const day = formatDay(deed.at);
    const before = deeds[index - 1];
    if (!before || formatDay(before.at) !== day) {
      rows.push(
        <li key={day} className={classes.day}>
          {day}
        </li>,
      );
    }
    rows.push(rowOf(deed, index));
  }
  return (
    <section className={classes.panel} aria-label="History">
      <header>
        <h2>History</h2>
        <button type="button" className={classes.close} aria-label="Close" onClick={onClose}>
          <IconX size={15} />
        </button>
      </header>
      {!isAllStored && (
        <p className={classes.told}>Your last edits are not in it yet: they are on their way.</p>
      )}
      {history.isPending && <Loading />}
      {history.isError && <p className={classes.told}>{describeError(history.error)}</p>}
      {isWhole && deeds.length === 0 && (
        <p className={classes.told}>
          Nothing was changed on this image yet. Every change will be listed here, with who made it
          and when, and any moment can be brought back.
        </p>
      )}
      <ul className={classes.rows}>
        {rows}
        {isWhole && deeds.length > 0 && (
          <Row
            isShown={moment !== null && moment.id === null}
            title="Before the first change"
            onClick={() => isReady && show(deeds.length, null)}
          />
        )}
        <li>
          <div ref={end} />
        </li>
      </ul>
    </section>
  );
}
