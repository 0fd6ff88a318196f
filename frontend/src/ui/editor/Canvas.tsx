import { useEffect, useRef } from "react";
import { CategoryAsk } from "./CategoryAsk";
import { CrosshairLines } from "./CrosshairLines";
import { useEditorContext } from "./context";
import { DisputeCard } from "./DisputeCard";
import classes from "./EditorPage.module.css";
import { PastBanner } from "./PastBanner";
import { ProposalCard } from "./ProposalCard";
import { ToolOptions } from "./ToolOptions";

/** The place where the editor shows itself; React draws only the cards over it. */
export function Canvas({ projectId }: { projectId: number }) {
  const editor = useEditorContext();
  const map = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (map.current) editor.viewport.attach(map.current);
  }, [editor]);
  return (
    <main className={classes.canvas} data-testid="canvas" aria-label="Image">
      {/* biome-ignore lint/a11y/noStaticElementInteractions: it only keeps the browser's own menus away */}
      <div
        className={classes.map}
        ref={map}
        // The middle button would start the browser's own scrolling.
        onPointerDown={(event) => event.button === 1 && event.preventDefault()}
        onContextMenu={(event) => event.preventDefault()}
      />
      <CrosshairLines map={map} />
      <ToolOptions />
      <DisputeCard />
      <ProposalCard />
      <PastBanner />
      <CategoryAsk projectId={projectId} />
    </main>
  );
}
