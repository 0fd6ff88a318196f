import type { Editor } from "./editor";
import { settled, shownOf } from "./proposal";

/** The proposal becomes an annotation. */
export function acceptProposal(editor: Editor): void {
  const proposal = editor.proposals.take();
  if (!proposal) return;
  const { segmentation, answer } = proposal;
  const { engine, score } = answer;
  editor.create({ segmentation, source: engine, score }, "Accept proposal");
}

/** The proposal goes, and undo brings the one that was shown back. */
export function dropProposal(editor: Editor): void {
  const { proposals } = editor;
  const shown = shownOf(proposals.state.get());
  const { id } = editor.tool.get();
  proposals.drop();
  if (!shown) return;
  editor.dropped.keep("Drop proposal", () => {
    editor.setTool(id);
    proposals.state.set(settled(shown));
  });
}
