import { describe, expect, test } from "vitest";
import { tools } from "../tools";
import { contentOf } from "./annotation";
import { makeCommands, type PageActions } from "./commands";
import type { Editor } from "./editor";
import { commandFor } from "./keyboard";
import { changesTo, contentsBefore, deedsOf, deletedIn, type LoggedEdit } from "./past";
import { runCommand } from "./run-command";
import { content, serverAnnotation, square, type TestServer, testEditor } from "./testing";

/** The log that a server would keep of what it received, newest first; each request a second after the one before. */
function logOf(server: TestServer): LoggedEdit[] {
  const now = new Map<string, LoggedEdit["after"]>();
  const log: LoggedEdit[] = [];
  for (const [second, edits] of server.received.entries()) {
    for (const { annotation_id, op, base_revision, annotation } of edits) {
      log.unshift({
        id: log.length + 1,
        annotation_id,
        op,
        revision: base_revision + 1,
        user: "anna",
        at: `2026-03-02T09:00:${String(second).padStart(2, "0")}Z`,
        before: now.get(annotation_id) ?? null,
        after: annotation,
      });
      now.set(annotation_id, annotation);
    }
  }
  return log;
}

function shown(editor: Editor) {
  return editor.annotations.all().map((annotation) => [annotation.id, contentOf(annotation)]);
}

async function work() {
  const made = testEditor(tools);
  const { editor, server } = made;
  const states = [shown(editor)];
  const change = async (act: () => void) => {
    act();
    await editor.sync.idle();
    states.push(shown(editor));
  };
  const draw = (x: number) => () =>
    editor.create({ segmentation: square(x, 0, 8), source: "manual", score: null }, "Draw");
  await change(draw(0));
  await change(draw(20));
  const [a, b] = editor.annotations.all().map(({ id }) => id) as [string, string];
  await change(() => editor.change(a, "Change category", { category_id: 2 }));
  await change(() => editor.remove(b));
  await change(draw(40));
  return { ...made, states, log: logOf(server) };
}

describe("an earlier moment", () => {
  test("has the annotations as they were, whichever it is", async () => {
    const { editor, log, states } = await work();
    for (const [count, state] of states.toReversed().entries()) {
      const then = contentsBefore(log.slice(0, count), editor.annotations.all());
      const fresh = testEditor(tools).editor;
      fresh.commit("all", changesTo(then, []));
      expect(shown(fresh)).toEqual(state);
    }
  });

  test("is restored by ordinary edits, in one step that can be undone", async () => {
    const { editor, server, log, states } = await work();
    const since = log.slice(0, 3);
    const contents = contentsBefore(since, editor.annotations.all());
    editor.past.show({ id: since.at(-1)?.id ?? null, contents, deleted: deletedIn(since) });
    expect(editor.past.restore()).toBe(0);
    await editor.sync.idle();
    expect(shown(editor)).toEqual(states[2]);
    expect(server.annotations()).toHaveLength(2);
    editor.undo();
    await editor.sync.idle();
    expect(shown(editor)).toEqual(states.at(-1));
    expect(server.annotations()).toHaveLength(2);
  });

  test("leaves away what has no category any more, and says of how many", () => {
    const { editor } = testEditor(tools);
    const contents = new Map([
      ["a", content()],
      ["b", content({ category_id: 99 })],
    ]);
    editor.past.show({ id: 1, contents, deleted: [] });
    expect(editor.past.restore()).toBe(1);
    expect(editor.annotations.all().map(({ id }) => id)).toEqual(["a"]);
  });
});

describe("while an earlier moment is looked at", () => {
  function looking() {
    const made = testEditor(tools, [serverAnnotation("a")]);
    made.editor.setTool("select");
    made.editor.select("a");
    made.editor.past.show({ id: 1, contents: new Map(), deleted: [] });
    const run = (key: string) => {
      const command = commandFor(makeCommands(tools), key);
      if (command) runCommand(command, made.editor, {} as PageActions);
    };
    return { ...made, run };
  }

  test("nothing can be changed, and it is told why", () => {
    const { editor, notices, run } = looking();
    editor.remove("a");
    run("Mod+Z");
    run("Delete");
    expect(editor.annotations.all()).toHaveLength(1);
    expect(notices.map(({ title }) => title)).toEqual(Array(3).fill("This is an earlier moment"));
  });

  test("Escape goes back to now, with the same annotation selected as before", () => {
    const { editor, run } = looking();
    expect(editor.selection.get()).toBeNull();
    run("Escape");
    expect(editor.past.moment.get()).toBeNull();
    expect(editor.selection.get()).toBe("a");
    editor.remove("a");
    expect(editor.annotations.all()).toEqual([]);
  });

  test("the view can be moved", () => {
    const { editor, notices, run } = looking();
    run("+");
    expect(editor.past.moment.get()).not.toBeNull();
    expect(notices).toEqual([]);
  });

  test("who takes up an annotation of the list or another tool is back at once", () => {
    for (const act of [
      (editor: Editor) => editor.select("a"),
      (editor: Editor) => editor.setTool("pan"),
    ]) {
      const { editor } = looking();
      act(editor);
      expect(editor.past.moment.get()).toBeNull();
    }
  });
});

test("edits of one time and person are one deed", () => {
  const edit = (id: number, at: string, user: string | null): LoggedEdit => ({
    id,
    annotation_id: `of ${id}`,
    op: "create",
    revision: 1,
    user,
    at,
    before: null,
    after: content(),
  });
  const log = [
    edit(5, "09:01", "bert"),
    edit(4, "09:01", "anna"),
    edit(3, "09:01", "anna"),
    edit(2, "09:00", "anna"),
  ];
  expect(deedsOf(log).map((deed) => deed.edits.map(({ id }) => id))).toEqual([[5], [4, 3], [2]]);
});
