import "fake-indexeddb/auto";
import { afterEach, beforeEach, expect, vi } from "vitest";

// OpenLayers watches its element's size, which jsdom, where nothing has a size, cannot tell.
vi.stubGlobal(
  "ResizeObserver",
  class {
    observe() {}
    unobserve() {}
    disconnect() {}
  },
);

// A warning is an error: whatever reaches the console fails the test that let it through.
beforeEach(() => {
  vi.spyOn(console, "error");
  vi.spyOn(console, "warn");
});
afterEach(() => {
  expect(vi.mocked(console.error).mock.calls).toEqual([]);
  expect(vi.mocked(console.warn).mock.calls).toEqual([]);
});

// jsdom draws nothing, and says so at each call: here a canvas has no context, as in a browser that is out of memory.
if (typeof HTMLCanvasElement !== "undefined") {
  HTMLCanvasElement.prototype.getContext = () => null;
}
