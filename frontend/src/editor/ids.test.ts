import { describe, expect, test, vi } from "vitest";
import { derivedId, newId } from "./ids";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

describe("a new id", () => {
  test("is a random UUID", () => {
    expect(newId()).toMatch(UUID);
    expect(newId()).not.toBe(newId());
  });

  test("is one where the page came over plain http from another computer", () => {
    vi.stubGlobal("crypto", {
      getRandomValues: crypto.getRandomValues.bind(crypto),
    });
    const ids = Array.from({ length: 50 }, newId);
    vi.unstubAllGlobals();
    for (const id of ids) expect(id).toMatch(UUID);
    expect(new Set(ids).size).toBe(50);
  });
});

test("a derived id is the same each time, and another one for each use", () => {
  const id = "0c8f2b6e-6d1b-4f3c-9d57-0a1b2c3d4e0f";
  expect(derivedId(id, 1)).toBe("0c8f2b6e-6d1b-4f3c-9d57-0a1b2c3d4e0e");
  expect(derivedId(id, 2)).toBe("0c8f2b6e-6d1b-4f3c-9d57-0a1b2c3d4e0d");
});
