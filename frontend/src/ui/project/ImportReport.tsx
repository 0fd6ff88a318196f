import { IconAlertTriangle, IconInfoCircle } from "@tabler/icons-react";
import type { JobReport } from "../../api/client";
import { useFormats } from "../queries";
import { formatCount, plural } from "../shared/format";
import classes from "./ImportDialog.module.css";

interface Props {
  readonly report: JobReport;
  readonly counts: Readonly<Record<string, number>>;
  /** Nothing has been changed yet. */
  readonly isLook: boolean;
}

type Entry = NonNullable<JobReport["problems"]>[number];

function Figure({ value, label }: { value: number; label: string }) {
  return (
    <div className={classes.figure}>
      <strong className="tabular">{formatCount(value)}</strong>
      <span>{label}</span>
    </div>
  );
}

function Entries({ title, entries, count }: { title: string; entries: Entry[]; count: number }) {
  if (count === 0) return null;
  const isProblem = title === "Problems";
  return (
    <details className={classes.entries} data-problem={isProblem}>
      <summary>
        {isProblem ? <IconAlertTriangle size={14} /> : <IconInfoCircle size={14} />}
        {title} <span className="tabular">{formatCount(count)}</span>
      </summary>
      <ul>
        {entries.map((one) => (
          <li key={`${one.file} ${one.position} ${one.detail}`}>
            <code>{[one.file, one.position].filter(Boolean).join(", ")}</code>
            {one.detail}
          </li>
        ))}
        {count > entries.length && (
          <li>
            {formatCount(entries.length)} of {formatCount(count)} shown.
          </li>
        )}
      </ul>
    </details>
  );
}

/** What a dataset has: the figures, its categories, and what is wrong with it. */
export function ImportReport({ report, counts, isLook }: Props) {
  const formats = useFormats(true);
  const count = (name: string) => counts[name] ?? 0;
  const one = (name: string) => count(name) === 1;
  const title = formats.data?.find(({ name }) => name === report.format)?.title;
  const left = count("changed_here") + count("deleted_here");
  return (
    <>
      <div className={classes.figures}>
        <Figure value={count("images")} label={one("images") ? "image" : "images"} />
        <Figure value={count("new_images")} label={isLook ? "of them new" : "added"} />
        <Figure
          value={count("annotations")}
          label={one("annotations") ? "annotation" : "annotations"}
        />
        <Figure value={count("new_annotations")} label={isLook ? "of them new" : "added"} />
        <Figure value={count("categories")} label={one("categories") ? "category" : "categories"} />
      </div>
      <p className={classes.told}>
        {report.format === "images"
          ? "Pictures without annotations."
          : `Read as ${title ?? report.format}.`}
        {count("unchanged") > 0 &&
          ` ${plural(count("unchanged"), "annotation")} ${isLook ? "are" : "were"} there already.`}
        {left > 0 &&
          ` ${formatCount(left)} changed or deleted here: ${isLook ? "to be left" : "left"} as they are.`}
      </p>
      {(report.categories?.length ?? 0) > 0 && (
        <table className={classes.categories} aria-label="Categories">
          <tbody>
            {report.categories?.map((one) => (
              <tr key={one.name}>
                <td>
                  {one.name} {one.is_new && <span className={classes.new}>new</span>}
                </td>
                <td className="tabular">{formatCount(one.annotations)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <Entries title="Problems" entries={report.problems ?? []} count={count("problems")} />
      <Entries title="Notes" entries={report.notices ?? []} count={count("notices")} />
    </>
  );
}
