import { describe, expect, test } from "vitest";
import { saveWords } from "./saveWords";

describe("where the edits are", () => {
  test("is said to be this computer while the server does not answer", () => {
    expect(saveWords({ state: "offline", pending: 2 }, 0).text).toBe(
      "Offline — 2 edits kept on this computer",
    );
  });

  test("is said with the server's own reason, when it gave one", () => {
    const title = "The server's disk is full";
    const words = saveWords({ state: "offline", pending: 1, title, note: "No room." }, 0);
    expect(words.text).toBe("The server's disk is full — 1 edit kept on this computer");
    expect(words.note).toBe("The server says: No room. The edits are kept and sent again.");
  });

  test("is never said to be this computer when its disk did not take them", () => {
    const words = saveWords({ state: "offline", pending: 3 }, 1);
    expect(words.text).toBe("Offline — 1 of 3 edits in this tab only");
    expect(words.text).not.toContain("kept on this computer");
    expect(words.note).toContain("would be lost with this tab");
  });

  test("is said to be this computer while outlines wait for a category", () => {
    const words = saveWords({ state: "held", pending: 2 }, 0);
    expect(words.text).toBe("2 outlines not stored");
    expect(words.note).toContain("kept on this computer");
  });

  test("is told of the image's state as of edits, once nothing else is to be told", () => {
    const saved = { state: "saved", pending: 0 } as const;
    const told = (own: "sending" | "kept" | "tab") => {
      const { state, text } = saveWords(saved, 0, own);
      return [state, text];
    };
    expect(told("sending")).toEqual(["saving", "Saving…"]);
    expect(told("kept")).toEqual([
      "offline",
      "Not sent — the image's state is kept on this computer",
    ]);
    expect(told("tab")).toEqual(["offline", "Not sent — the image's state is in this tab only"]);
    expect(saveWords({ state: "offline", pending: 2 }, 0, "kept").text).toBe(
      "Offline — 2 edits and the image's state kept on this computer",
    );
    expect(saveWords({ state: "offline", pending: 2 }, 0, "tab").text).toBe(
      "Offline — 2 edits kept on this computer",
    );
  });

  test("is the server once it has them", () => {
    expect(saveWords({ state: "saved", pending: 0 }, 0).text).toBe("Saved");
  });
});
