import type { Editor } from "./editor";
import { settled, shownOf } from "./proposal";

/** The proposal becomes an annotation. */
export function acceptProposal(editor: Editor): void {
  const before = editor.proposals.state.get();
  const proposal = editor.proposals.take();
  if (!proposal) return;
  const { segmentation, answer } = proposal;
  const { engine, score } = answer;
  const drawn = { segmentation, source: engine, score };
  // What may not be an annotation stays a proposal: the user was told why.
  if (editor.create(drawn, "Accept proposal") === null) editor.proposals.state.set(before);
}

/** The proposal goes, and undo brings the one that was shown back. */
export function dropProposal(editor: Editor): void {
  const { proposals } = editor;
  const state = shownOf(proposals.state.get());
  const { id } = editor.tool.get();
  proposals.drop();
  if (!state) return;
  const shown = settled(state);
  const bringBack = () => {
    editor.setTool(id);
    proposals.state.set(shown);
  };
  editor.dropped.keep("Drop proposal", bringBack, { what: shown, toolId: id });
}
