import { afterEach, expect, test, vi } from "vitest";
import { startImport } from "./upload";

/** Takes a request and never answers it. */
class Silent {
  static last: Silent | null = null;
  readonly upload = {};
  body: FormData | null = null;
  isAborted = false;
  onabort = () => {};

  open() {}

  send(body: FormData) {
    this.body = body;
    Silent.last = this;
  }

  abort() {
    this.isAborted = true;
    this.onabort();
  }
}

afterEach(() => void vi.unstubAllGlobals());

const files = [{ file: new File(["{}"], "a.json"), path: "street/a.json" }];
const look = { files, format: "", isDryRun: true, isStrict: false };

test("what is no longer wanted is not sent to its end", async () => {
  vi.stubGlobal("XMLHttpRequest", Silent);
  const abort = new AbortController();
  const started = startImport(1, { ...look, sourceJob: null }, () => {}, abort.signal);
  abort.abort();
  await expect(started).rejects.toMatchObject({ name: "AbortError" });
  expect(Silent.last?.isAborted).toBe(true);
});

test("files that the server has are named, not sent", () => {
  vi.stubGlobal("XMLHttpRequest", Silent);
  void startImport(1, { ...look, sourceJob: 7 }, () => {}, new AbortController().signal);
  expect(Silent.last?.body?.get("source_job")).toBe("7");
  expect(Silent.last?.body?.has("files")).toBe(false);
});
