import { useCallback, useEffect } from "react";
import { type BlockerFunction, useBlocker } from "react-router";
import type { Editor } from "../../editor/editor";

/** No way out of the image, be it a link or the browser's own, drops what is unfinished without a word. */
export function useLeaving(editor: Editor | null): void {
  const blocks = useCallback<BlockerFunction>(
    ({ currentLocation, nextLocation }) =>
      editor !== null &&
      currentLocation.pathname !== nextLocation.pathname &&
      !editor.unfinished.mayLeave(),
    [editor],
  );
  useBlocker(blocks);
  useEffect(() => {
    const ask = (event: BeforeUnloadEvent) => {
      if (editor?.unfinished.isAny) event.preventDefault();
    };
    window.addEventListener("beforeunload", ask);
    return () => window.removeEventListener("beforeunload", ask);
  }, [editor]);
}
