import { type RefObject, useEffect, useRef } from "react";
import { hasCrosshair } from "../../editor/crosshair";
import { useSignal } from "../shared/useSignal";
import classes from "./CrosshairLines.module.css";
import { useEditorContext, usePart } from "./context";

interface Props {
  /** What the pointer moves over. */
  readonly map: RefObject<HTMLDivElement | null>;
}

/**
 * Two lines through the pointer. They lie over the canvas and are only shifted: nothing is laid out, painted or rendered
 * while the pointer moves.
 */
function Lines({ map }: Props) {
  const { drawing } = useEditorContext();
  const { color, width } = useSignal(drawing.crosshair);
  const level = useRef<HTMLDivElement>(null);
  const upright = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = map.current;
    if (!element) return;
    let corner = element.getBoundingClientRect();
    // Asked for only when it may have changed: with a page that waits to be laid out, to ask costs a frame.
    const size = new ResizeObserver(() => {
      corner = element.getBoundingClientRect();
    });
    const put = (x: string, y: string) => {
      if (level.current) level.current.style.transform = `translateY(${y})`;
      if (upright.current) upright.current.style.transform = `translateX(${x})`;
    };
    const move = ({ clientX, clientY }: PointerEvent) =>
      put(`${clientX - corner.left}px`, `${clientY - corner.top}px`);
    const leave = () => put("-100px", "-100px");
    size.observe(element);
    element.addEventListener("pointermove", move, { passive: true });
    element.addEventListener("pointerleave", leave);
    return () => {
      size.disconnect();
      element.removeEventListener("pointermove", move);
      element.removeEventListener("pointerleave", leave);
    };
  }, [map]);
  const centred = -width / 2;
  return (
    <div className={classes.lines} aria-hidden="true" data-testid="crosshair">
      <div
        ref={level}
        className={classes.level}
        style={{ background: color, height: width, top: centred }}
      />
      <div
        ref={upright}
        className={classes.upright}
        style={{ background: color, width, left: centred }}
      />
    </div>
  );
}

/** The lines, when they are wanted for the tool in hand. A proposal is looked at without them. */
export function CrosshairLines({ map }: Props) {
  const { drawing, tool, proposals, isReadOnly } = useEditorContext();
  const inHand = useSignal(tool);
  const isProposing = usePart(proposals.state, (state) => state !== null);
  const isShown = hasCrosshair(useSignal(drawing.crosshair), inHand);
  if (!isShown || isProposing || isReadOnly) return null;
  return <Lines map={map} />;
}
