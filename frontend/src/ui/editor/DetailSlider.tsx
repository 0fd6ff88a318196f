import { Slider } from "@mantine/core";
import { isPolygons } from "../../editor/annotation";
import { EXACT, FACTORS } from "../../editor/detail";
import type { Candidate } from "../../editor/proposal";
import { countVertices } from "../../geometry/polygons";
import { plural } from "../shared/format";
import { useSignal } from "../shared/useSignal";
import classes from "./Cards.module.css";
import { useEditorContext } from "./context";

const LAST = FACTORS.length - 1;

/** "98.7%", and never "100%" for what is not exact. */
function share(iou: number): string {
  return iou === 1 ? "100%" : `${(Math.floor(iou * 1000) / 10).toFixed(1)}%`;
}

function cost({ segmentation, detail, isChanged }: Candidate): [what: string, iou: string] {
  if (!isPolygons(segmentation)) return ["Mask, pixel by pixel", "exact"];
  const vertices = plural(countVertices(segmentation), "vertex", "vertices");
  return [vertices, isChanged ? "changed by hand" : `IoU ${share(detail.iou)}`];
}

/** From few vertices to the engine's mask itself, with what each place costs. */
export function DetailSlider({ candidate }: { candidate: Candidate }) {
  const editor = useEditorContext();
  const factor = useSignal(editor.settings.detail);
  const [what, iou] = cost(candidate);
  return (
    <div className={classes.detail}>
      <div className={classes.line}>
        <span>Detail</span>
        <Slider
          className={classes.slider ?? ""}
          size={3}
          thumbSize={12}
          label={null}
          thumbLabel="Detail"
          thumbValueText={factor === EXACT ? "The mask itself" : `${what}, ${iou}`}
          min={0}
          max={LAST}
          // More to the right.
          value={LAST - FACTORS.indexOf(factor)}
          onChange={(place) => void editor.proposals.setDetail(FACTORS[LAST - place] ?? EXACT)}
        />
      </div>
      <div className={`${classes.cost} tabular`} data-testid="detail">
        <span>{what}</span>
        <span>{iou}</span>
      </div>
    </div>
  );
}
