import { describe, expect, test, vi } from "vitest";
import type { Image, UploadAnswer } from "../../api/client";
import { Uploads } from "./uploads";

interface Request {
  readonly names: readonly string[];
  readonly progress: (part: number) => void;
  readonly answer: (part: Partial<UploadAnswer>) => void;
  readonly fail: (error: unknown) => void;
}

/** Uploads to a server that answers when the test says so. */
function makeUploads() {
  const requests: Request[] = [];
  const added = vi.fn();
  const uploads = new Uploads(
    (files, progress) =>
      new Promise((resolve, fail) => {
        const answer = (part: Partial<UploadAnswer>) =>
          resolve({ images: [] as Image[], duplicates: [], refused: [], ...part });
        requests.push({ names: files.map(({ name }) => name), progress, answer, fail });
      }),
    String,
    added,
  );
  const states = () =>
    Object.fromEntries(uploads.items.get().map(({ name, state }) => [name, state]));
  return { uploads, requests, added, states };
}

const file = (name: string, bytes = 3) => new File([new Uint8Array(bytes)], name);
const files = (count: number) => Array.from({ length: count }, (_, i) => file(`${i}.jpg`));

describe("uploads", () => {
  test("go four files to a request, two requests at a time", async () => {
    const { uploads, requests } = makeUploads();
    uploads.add(files(10));
    expect(requests.map(({ names }) => names.length)).toEqual([4, 4]);
    requests[0]?.answer({});
    await vi.waitFor(() => expect(requests).toHaveLength(3));
    expect(requests[2]?.names).toEqual(["8.jpg", "9.jpg"]);
  });

  test("do not put two big files in one request", () => {
    const { uploads, requests } = makeUploads();
    const big = 20 * 1024 * 1024;
    uploads.add([file("a.tif", big), file("b.tif", big)]);
    expect(requests.map(({ names }) => names)).toEqual([["a.tif"], ["b.tif"]]);
  });

  test("say of each file what became of it", async () => {
    const { uploads, requests, states, added } = makeUploads();
    uploads.add([file("good.jpg"), file("twice.jpg"), file("notes.txt")]);
    requests[0]?.progress(0.5);
    expect(uploads.items.get()[0]).toMatchObject({ state: "sending", progress: 0.5 });
    requests[0]?.answer({
      duplicates: [{ index: 1, name: "twice.jpg", image_id: 1 }],
      refused: [
        { index: 2, name: "notes.txt", type: "", title: "Not an image", detail: "It is text." },
      ],
    });
    await vi.waitFor(() => expect(added).toHaveBeenCalledTimes(1));
    expect(states()).toEqual({
      "good.jpg": "added",
      "twice.jpg": "duplicate",
      "notes.txt": "refused",
    });
    expect(uploads.items.get()[2]?.reason).toBe("It is text.");
  });

  test("know a refused file by its place, whatever the server calls it", async () => {
    const { uploads, requests } = makeUploads();
    uploads.add([file("a.jpg"), file("\u202egpj.a"), file("a.jpg")]);
    requests[0]?.answer({
      duplicates: [{ index: 2, name: "a.jpg", image_id: 1 }],
      refused: [{ index: 1, name: "gpj.a", type: "", title: "Not an image", detail: "" }],
    });
    await vi.waitFor(() =>
      expect(uploads.items.get().map(({ state }) => state)).toEqual([
        "added",
        "refused",
        "duplicate",
      ]),
    );
    expect(uploads.items.get()[1]?.reason).toBe("Not an image");
  });

  test("tell why when a request fails, and go on with the others", async () => {
    const { uploads, requests, states } = makeUploads();
    uploads.add(files(9));
    requests[0]?.fail("no network");
    await vi.waitFor(() => expect(requests).toHaveLength(3));
    expect(states()).toMatchObject({ "0.jpg": "refused", "3.jpg": "refused", "8.jpg": "sending" });
    expect(uploads.items.get()[0]?.reason).toBe("no network");
  });

  test("can be cleared away but for those under way", async () => {
    const { uploads, requests, added, states } = makeUploads();
    uploads.add(files(5));
    requests[0]?.answer({});
    await vi.waitFor(() => expect(added).toHaveBeenCalled());
    uploads.clear();
    expect(states()).toEqual({ "4.jpg": "sending" });
  });

  test("go on when files come after the first are done", async () => {
    const { uploads, requests, added } = makeUploads();
    uploads.add(files(1));
    requests[0]?.answer({});
    await vi.waitFor(() => expect(added).toHaveBeenCalled());
    await Promise.resolve();
    uploads.add([file("later.jpg")]);
    await vi.waitFor(() => expect(requests[1]?.names).toEqual(["later.jpg"]));
  });
});
