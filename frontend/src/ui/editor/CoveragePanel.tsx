import { SegmentedControl } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { selectListed } from "../../editor/acts";
import { VIEWS, type View } from "../../editor/appearance";
import { type Coverage, CoverageCount } from "../../editor/coverage";
import type { Editor } from "../../editor/editor";
import type { BoxXYXY } from "../../geometry/boxes";
import { formatCount, plural } from "../shared/format";
import { useSignal } from "../shared/useSignal";
import classes from "./CoveragePanel.module.css";
import { useAnnotations, useEditorContext } from "./context";
import lists from "./Lists.module.css";
import { LookFields } from "./LookFields";

/** Lines of a list at most: who has more overlaps than this has another problem. */
const MOST = 200;
/** Milliseconds without a change until it is looked at anew. */
const PAUSE_MS = 250;

/** Looked at anew after each change, when the hand rests. */
function useCoverage(editor: Editor): Coverage | null {
  const annotations = useAnnotations();
  const [count, setCount] = useState<CoverageCount | null>(null);
  const [coverage, setCoverage] = useState<Coverage | null>(null);
  useEffect(() => {
    const made = new CoverageCount(editor.annotations, editor.image);
    setCount(made);
    return made.stop;
  }, [editor]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the store is what is looked at, the array says when
  useEffect(() => {
    const timer = setTimeout(() => setCoverage(count?.now() ?? null), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [count, annotations]);
  return coverage;
}

interface LineProps {
  readonly ids: readonly string[];
  readonly words: string;
  readonly area: number;
  readonly box: BoxXYXY;
}

/** One place; a click goes there. */
function Line({ ids, words, area, box }: LineProps) {
  const editor = useEditorContext();
  const go = () => {
    const [upper] = ids;
    if (upper) selectListed(editor, upper);
    editor.viewport.show(box);
  };
  return (
    <li>
      <button type="button" className={classes.line} onClick={go}>
        {ids.map((id) => {
          const category = editor.annotations.get(id)?.category_id ?? -1;
          const background = editor.colorOf(category);
          return <span key={id} className={lists.swatch} style={{ background }} />;
        })}
        <span className={classes.words}>{words}</span>
        <span className={`${lists.count} tabular`}>{formatCount(area)} px</span>
      </button>
    </li>
  );
}

function Overlaps({ overlaps }: Pick<Coverage, "overlaps">) {
  const editor = useEditorContext();
  const nameOf = (id: string) =>
    editor.categoryOf(editor.annotations.get(id)?.category_id ?? -1)?.name ?? "—";
  return overlaps.slice(0, MOST).map(({ upper, lower, area, box }) => {
    const words = `${nameOf(upper)} over ${nameOf(lower)}`;
    return (
      <Line key={`${upper} ${lower}`} ids={[upper, lower]} words={words} area={area} box={box} />
    );
  });
}

/** For who makes panoptic data: the map that the annotations make, where they overlap, and what they leave. */
export function CoveragePanel({ onClose }: { onClose: () => void }) {
  const editor = useEditorContext();
  const view = useSignal(editor.view);
  const coverage = useCoverage(editor);
  const { width, height } = editor.image;
  useEffect(() => () => editor.view.set("annotations"), [editor]);
  const share = coverage ? (100 * coverage.unowned) / (width * height) : 0;
  return (
    <section className={classes.panel} aria-label="Segment map" data-testid="coverage">
      <header>
        <h2>Segment map</h2>
        <button type="button" className={lists.small} aria-label="Close" onClick={onClose}>
          <IconX size={14} />
        </button>
      </header>
      <SegmentedControl
        size="xs"
        fullWidth
        classNames={{ label: classes.view ?? "" }}
        aria-label="View"
        value={view}
        onChange={(value) => editor.view.set(value as View)}
        data={Object.entries(VIEWS).map(([value, label]) => ({ value, label }))}
      />
      {view === "annotations" && <LookFields />}
      {coverage && (
        <>
          <h3>
            {coverage.overlaps.length === 0
              ? "No overlaps"
              : plural(coverage.overlaps.length, "overlap")}
          </h3>
          <ul>
            <Overlaps overlaps={coverage.overlaps} />
          </ul>
          <h3>
            {coverage.gaps.length === 0
              ? "No gaps: every pixel has an owner"
              : `${plural(coverage.gaps.length, "gap")} · ${share < 0.1 ? "under 0.1" : share.toFixed(1)}% void`}
          </h3>
          <ul>
            {coverage.gaps.slice(0, MOST).map(({ area, box }) => (
              <Line
                key={box.join()}
                ids={[]}
                words={`at ${Math.round(box[0])}, ${Math.round(box[1])}`}
                area={area}
                box={box}
              />
            ))}
          </ul>
        </>
      )}
    </section>
  );
}
