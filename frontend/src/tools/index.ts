import type { Tool } from "../editor/tool";

const found = import.meta.glob<Tool>(["./*.ts", "!./index.ts", "!./*.test.ts"], {
  eager: true,
  import: "default",
});

/** Every tool of this folder, in the tool bar's order. A new file is a new tool. */
export const tools: readonly Tool[] = Object.values(found).sort((a, b) => a.order - b.order);
