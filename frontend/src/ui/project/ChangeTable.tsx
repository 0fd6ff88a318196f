import { useState } from "react";
import type { JobReport } from "../../api/client";
import { formatCount } from "../shared/format";
import classes from "./ChangeTable.module.css";

const SHOWN = 50; // more make no list to read; the archive has them all

function ChangeRow({ report, kind }: { report: JobReport; kind: string }) {
  const [isOpen, setIsOpen] = useState(false);
  const change = report.changes?.find((one) => one.kind === kind);
  const examples = report.examples?.filter((one) => one.kind === kind).slice(0, SHOWN) ?? [];
  if (!change) return null;
  return (
    <>
      <tr data-loss={change.is_loss}>
        <td className="tabular">{formatCount(change.count)}</td>
        <td>
          <button
            type="button"
            className={classes.kind}
            aria-expanded={isOpen}
            onClick={() => setIsOpen(!isOpen)}
          >
            {change.title}
          </button>
        </td>
      </tr>
      {isOpen &&
        examples.map((one) => (
          <tr
            key={`${one.file_name} ${one.annotation_id} ${one.detail}`}
            className={classes.example}
          >
            <td />
            <td>
              <span>{one.file_name}</span>
              {one.detail && <em>{one.detail}</em>}
            </td>
          </tr>
        ))}
      {isOpen && change.count > examples.length && (
        <tr className={classes.example}>
          <td />
          <td>
            {formatCount(examples.length)} of {formatCount(change.count)} shown;{" "}
            <code>export-changes.csv</code> in the archive lists all.
          </td>
        </tr>
      )}
    </>
  );
}

/** What an export changes of annotations: how many of each kind, and which. */
export function ChangeTable({ report, label }: { report: JobReport; label: string }) {
  return (
    <table className={classes.table} aria-label={label}>
      <tbody>
        {report.changes?.map(({ kind }) => (
          <ChangeRow key={kind} report={report} kind={kind} />
        ))}
      </tbody>
    </table>
  );
}
