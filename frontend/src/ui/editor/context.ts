import { createContext, useContext, useSyncExternalStore } from "react";
import type { Editor } from "../../editor/editor";
import type { Signal } from "../../editor/signal";

export const EditorContext = createContext<Editor | null>(null);

export function useEditorContext(): Editor {
  const editor = useContext(EditorContext);
  if (!editor) throw new Error("This component stands outside of the editor.");
  return editor;
}

/** A part of a signal: the component renders again only when this part changes. */
export function usePart<T, P>(signal: Signal<T>, part: (value: T) => P): P {
  return useSyncExternalStore(signal.subscribe, () => part(signal.get()));
}

export function useAnnotations() {
  const { annotations } = useEditorContext();
  return useSyncExternalStore(annotations.subscribe, annotations.all);
}
