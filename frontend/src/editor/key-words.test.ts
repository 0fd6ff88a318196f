import { expect, test } from "vitest";
import { tools } from "../tools";
import { makeCommands } from "./commands";
import { toggleCombining } from "./drawing";
import { withKeys } from "./key-map";
import { withKeyWords } from "./key-words";
import { PROPOSAL, serverAnnotation, testEditor } from "./testing";

const originals = makeCommands(tools);

test("a key that the user changed is the one that is named", () => {
  const commands = withKeys(originals, { "mark-inside": ["Mod+Shift+F2"], accept: ["Z", "Enter"] });
  const words = "{accept} accepts · {mark-inside} adds · Drag a vertex";
  expect(withKeyWords(words, originals)).toBe("Enter accepts · A adds · Drag a vertex");
  expect(withKeyWords(words, commands)).toBe("Z accepts · Ctrl+Shift+F2 adds · Drag a vertex");
  expect(withKeyWords(words, commands, true)).toContain("⌘+Shift+F2");
});

test("nothing is said of a command without a key", () => {
  const commands = withKeys(originals, { accept: [] });
  expect(withKeyWords("{accept} accepts · Drag a vertex", commands)).toBe("Drag a vertex");
  expect(withKeyWords("{accept}", commands)).toBeNull();
});

test("no tool names the key of a command but by the command", async () => {
  // No command has a key now, so whatever names one is wrong.
  const none = withKeys(originals, Object.fromEntries(originals.map(({ id }) => [id, []])));
  const { editor } = testEditor(tools, [serverAnnotation("a"), serverAnnotation("b")]);
  const said = new Set<string>();
  const listen = () => {
    for (const tool of tools) said.add(withKeyWords(tool.hint(editor), none) ?? "");
  };
  listen();
  editor.select("a");
  listen();
  editor.toggleSelected("b");
  listen();
  toggleCombining(editor, "add");
  listen();
  editor.draft.set({ kind: "ring", points: [], cursor: null, closes: false });
  listen();
  editor.setTool("box-prompt");
  const asked = editor.proposals.request([10, 10, 30, 30]);
  listen();
  await asked;
  expect(editor.proposals.state.get()).toMatchObject({ shown: { answer: PROPOSAL } });
  listen();
  editor.marking.toggle(1, null);
  listen();
  for (const { hints } of tools)
    for (const { keys } of hints) said.add(withKeyWords(keys, none) ?? "");
  const naming =
    /\{|\b(Enter|Esc|Del|Backspace|Digit|[A-Z] (adds|sets|chooses|compares)|[A-Z], then|[A-Z]:)|\[ \]/;
  const wrong = [...said]
    .flatMap((words) => words.split(" · "))
    .filter((part) => naming.test(part));
  expect(wrong).toEqual([]);
});
