import { type RefObject, useEffect } from "react";
import type { Editor } from "../../editor/editor";
import type { BoxXYXY } from "../../geometry/boxes";
import { placeBeside } from "./placement";

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
      const [right, bottom] = editor.viewport.fromImage([box[2], box[3]]);
      const [x, y] = placeBeside(
        [left, top, right, bottom],
        { width: element.offsetWidth, height: element.offsetHeight },
        { width: room.clientWidth, height: room.clientHeight },
      );
      element.style.transform = `translate(${Math.round(x)}px, ${Math.round(y)}px)`;
      element.style.visibility = "visible";
    };
    place();
    return editor.viewport.onMove(place);
  }, [editor, ref, box]);
}
