import { type RefObject, useEffect } from "react";
import type { Editor } from "../../editor/editor";
import type { BoxXYXY } from "../../geometry/boxes";
import { clamp } from "../../geometry/points";

const GAP = 12;

/** Keep an element beside a box of the image as the view moves, without rendering. */
export function useFollow(
  editor: Editor,
  ref: RefObject<HTMLElement | null>,
  box: BoxXYXY | null,
): void {
  useEffect(() => {
    const element = ref.current;
    const room = element?.parentElement;
    if (!element || !room || !box) return;
    const place = () => {
      const [left, top] = editor.viewport.fromImage([box[0], box[1]]);
      const [right] = editor.viewport.fromImage([box[2], box[3]]);
      const { offsetWidth: width, offsetHeight: height } = element;
      const isRoomRight = right + GAP + width + GAP <= room.clientWidth;
      const isRoomLeft = left - GAP - width >= GAP;
      const wanted = isRoomRight ? right + GAP : isRoomLeft ? left - GAP - width : right - width;
      const x = clamp(wanted, GAP, Math.max(room.clientWidth - width - GAP, GAP));
      const y = clamp(top, GAP, Math.max(room.clientHeight - height - GAP, GAP));
      element.style.transform = `translate(${Math.round(x)}px, ${Math.round(y)}px)`;
      element.style.visibility = "visible";
    };
    place();
    return editor.viewport.onMove(place);
  }, [editor, ref, box]);
}
