import Feature from "ol/Feature";
import LineString from "ol/geom/LineString";
import MultiPoint from "ol/geom/MultiPoint";
import PointGeometry from "ol/geom/Point";
import Stroke from "ol/style/Stroke";
import Style from "ol/style/Style";
import { boxCorners } from "../geometry/boxes";
import type { Point } from "../geometry/points";
import { ringFromPoints } from "../geometry/rings";
import { toMap } from "./coordinates";
import type { Editor } from "./editor";
import { polygonsFeature } from "./shapes";
import { DARK, HANDLE_STYLE, HOT_HANDLE_STYLE, labelStyle } from "./styles";
import { handlesOf, knobOf, placeOf } from "./transform-box";
import { selectedBox } from "./transforming";

const LINE = [
  new Style({ zIndex: 9, stroke: new Stroke({ color: DARK, width: 3 }) }),
  new Style({ zIndex: 9, stroke: new Stroke({ color: "#ffffff", width: 1, lineDash: [4, 3] }) }),
];

function placed(style: Style, geometry: LineString | MultiPoint | PointGeometry): Style {
  const copy = style.clone();
  copy.setGeometry(geometry);
  return copy;
}

/** The box around what is selected with its handles or, while one is dragged, where the box is and how large. */
export function transformFeatures(editor: Editor): Feature[] {
  const transform = editor.transform.get();
  const box = transform && selectedBox(editor);
  if (!box) return [];
  const corners = transform.corners ?? boxCorners(box);
  const frame = polygonsFeature([[ringFromPoints(corners)]]);
  frame.setStyle(LINE);
  if (transform.corners) {
    const [top] = [...corners].sort((a, b) => a[1] - b[1]) as [Point, ...Point[]];
    const words = new Feature(new PointGeometry(toMap(top)));
    words.setStyle(labelStyle(transform.words));
    return [frame, words];
  }
  // By the scale at which they are drawn: they are as large, and the knob is as far, at all.
  const handles = new Feature(new PointGeometry(toMap(placeOf(box, 0, 0))));
  handles.setStyle((_, resolution) => {
    const knob = knobOf(box, resolution, editor.image.height);
    const from = placeOf(box, 0, knob[1] > box[3] ? 1 : -1);
    const stalk = new LineString([toMap(from), toMap(knob)]);
    const squares = new MultiPoint(handlesOf(box, resolution).map(({ at }) => toMap(at)));
    return [
      ...LINE.map((style) => placed(style, stalk)),
      placed(HANDLE_STYLE, squares),
      placed(HOT_HANDLE_STYLE, new PointGeometry(toMap(knob))),
    ];
  });
  return [frame, handles];
}
