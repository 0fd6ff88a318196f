import { act } from "react";
import { createMemoryRouter, RouterProvider, useParams } from "react-router";
import { afterEach, beforeEach, describe, expect, type MockInstance, test, vi } from "vitest";
import type { ImageDetail, Project } from "../../api/client";
import type { Editor } from "../../editor/editor";
import { memoryJournal } from "../../editor/journal";
import { Outbox } from "../../editor/outbox";
import { Signal } from "../../editor/signal";
import { StateJournal } from "../../editor/state-journal";
import { StateOutbox } from "../../editor/state-outbox";
import { TestServer, testEditor } from "../../editor/testing";
import { tools } from "../../tools";
import { SendingContext } from "../app/sending";
import { mount } from "../shared/testing";
import { useSignal } from "../shared/useSignal";
import { originals } from "./commands";
import { useKeyboard } from "./useKeyboard";
import { type Page, usePage } from "./usePage";

/** Requests that wait for their answers. */
let requests: ((response: Response) => void)[] = [];
let network: MockInstance;

const PROJECT = { id: 1, role: "owner" } as Project;

/** One of nine images in a row. */
function imageOf(id: number): ImageDetail {
  return {
    id,
    project_id: 1,
    name: `${id}.png`,
    format: "png",
    sha256: "0".repeat(64),
    bytes: 1,
    width: 100,
    height: 80,
    state: "new",
    split: null,
    annotation_count: 0,
    created_at: "2026-12-01T00:00:00Z",
    previous_id: id > 1 ? id - 1 : null,
    next_id: id < 9 ? id + 1 : null,
  };
}

const IMAGES = new Map([1, 2, 3, 4, 5, 6, 7, 8, 9].map((id) => [id, imageOf(id)]));

/** The editor's page without what is to be seen of it, on the first image. */
async function openPage() {
  const editor = new Signal<Editor | null>(null);
  const shown: { page: Page | null } = { page: null };
  function Probe() {
    const image = IMAGES.get(Number(useParams().imageId));
    const opened = useSignal(editor);
    const page = usePage(PROJECT, image, opened);
    useKeyboard(image, opened, originals, page);
    shown.page = page;
    return null;
  }
  const journal = new StateJournal(null);
  const states = new StateOutbox({
    journal,
    // What is set waits for ever, so that it can be looked at.
    send: () => new Promise(() => {}),
    refused: () => {},
    conflict: () => {},
    notJournaled: () => {},
  });
  const outbox = new Outbox(memoryJournal(), new TestServer().send);
  const router = createMemoryRouter(
    [
      { path: "/projects/1/images/:imageId", element: <Probe /> },
      { path: "/", element: null },
    ],
    { initialEntries: ["/projects/1/images/1"] },
  );
  const { unmount } = await mount(
    <SendingContext value={{ outbox, states }}>
      <RouterProvider router={router} />
    </SendingContext>,
  );
  const open = (id: number) =>
    act(async () => {
      const image = { id, width: 100, height: 80, url: "/image" };
      editor.set(testEditor(tools, [], { image }).editor);
    });
  const run = (deed: (page: Page) => void) => act(async () => shown.page && deed(shown.page));
  const press = (init: KeyboardEventInit) =>
    act(async () => {
      document.body.dispatchEvent(new KeyboardEvent("keydown", { ...init, bubbles: true }));
    });
  const goTo = (path: string) => act(() => router.navigate(path));
  const at = () => router.state.location.pathname;
  const set = () =>
    [...journal.waiting.get().values()].map(({ image_id, state }) => [image_id, state]);
  return { open, run, press, goTo, at, set, unmount, close: () => editor.set(null) };
}

let page: Awaited<ReturnType<typeof openPage>>;
beforeEach(async () => {
  requests = [];
  network = vi
    .spyOn(globalThis, "fetch")
    .mockImplementation(() => new Promise<Response>((resolve) => requests.push(resolve)));
  page = await openPage();
});
afterEach(async () => {
  await page.unmount();
  network.mockRestore();
});

describe("done and next", () => {
  const finish = ({ actions }: Page) => actions.finish("done", true);

  test("finishes an image once, and the next one only when it is open", async () => {
    await page.run(finish);
    expect([page.at(), page.set()]).toEqual(["/projects/1/images/1", []]);
    await page.open(1);
    await page.run((shown) => {
      finish(shown);
      finish(shown);
    });
    expect(page.at()).toBe("/projects/1/images/2");
    // The editor of the image before is still there, and then none.
    await page.run(finish);
    await act(async () => page.close());
    await page.run(finish);
    expect([page.at(), page.set()]).toEqual(["/projects/1/images/2", [[1, "done"]]]);
    await page.open(2);
    await page.run(finish);
    expect(page.at()).toBe("/projects/1/images/3");
    expect(page.set()).toEqual([
      [1, "done"],
      [2, "done"],
    ]);
  });

  test("by key is once for each press, however long the key is held", async () => {
    const key = { key: "Enter", code: "Enter", ctrlKey: true };
    await page.open(1);
    await page.press(key);
    await page.open(2);
    for (let i = 0; i < 3; i += 1) await page.press({ ...key, repeat: true });
    expect([page.at(), page.set()]).toEqual(["/projects/1/images/2", [[1, "done"]]]);
    await page.press(key);
    expect(page.at()).toBe("/projects/1/images/3");
  });

  test("the same state again is taken back, unless it goes on", async () => {
    await page.open(1);
    for (const expected of ["skipped", "in_progress", "skipped"]) {
      await page.run(({ actions }) => actions.finish("skipped", false));
      expect(page.set()).toEqual([[1, expected]]);
    }
    await page.run(({ actions }) => actions.finish("skipped", true));
    expect(page.set()).toEqual([[1, "skipped"]]);
  });
});

describe("the next image to do", () => {
  const ask = ({ actions }: Page) => actions.nextToDo();
  /** The server's word on new images, and on those in progress: there is one. */
  const answer = (id: number) =>
    act(async () => {
      for (const resolve of requests.splice(0)) {
        const items = [imageOf(id)];
        resolve(Response.json({ items, next: null, total: 1 }));
      }
      // Answers are read piece by piece.
      await new Promise((resolve) => setTimeout(resolve, 10));
    });

  test("is gone to when it is known", async () => {
    await page.run(ask);
    await answer(5);
    expect(page.at()).toBe("/projects/1/images/5");
  });

  test.each([
    ["the next image", ({ actions }: Page) => actions.nextImage(), "/projects/1/images/2"],
    ["the project", null, "/"],
  ])("does not pull back who went to %s meanwhile", async (_, go, place) => {
    await page.run(ask);
    if (go) await page.run(go);
    else await page.goTo(place);
    await answer(5);
    expect(page.at()).toBe(place);
  });

  test("does not pull back who went away and came back", async () => {
    await page.run(ask);
    await page.goTo("/projects/1/images/2");
    await page.goTo("/projects/1/images/1");
    await answer(5);
    expect(page.at()).toBe("/projects/1/images/1");
  });
});
