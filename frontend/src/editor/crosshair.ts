import type { Command } from "./commands";
import type { Tool } from "./tool";

/** For which tools lines through the pointer are shown, in the order of the hotkey. */
export const CROSSHAIR_TOOLS = { none: "Off", box: "Boxes", all: "All that draws" } as const;

/** Lines through the pointer, from border to border. */
export interface Crosshair {
  readonly tools: keyof typeof CROSSHAIR_TOOLS;
  /** As #rrggbb. */
  readonly color: string;
  /** In CSS pixels. */
  readonly width: number;
}

export const CROSSHAIR: Crosshair = { tools: "box", color: "#ffffff", width: 1 };
export const WIDEST_CROSSHAIR = 5;

export function isCrosshair(value: unknown): value is Crosshair {
  if (typeof value !== "object" || value === null) return false;
  const { tools, color, width } = value as Record<string, unknown>;
  return (
    typeof tools === "string" &&
    tools in CROSSHAIR_TOOLS &&
    /^#[0-9a-f]{6}$/.test(String(color)) &&
    Number.isInteger(width) &&
    Number(width) >= 1 &&
    Number(width) <= WIDEST_CROSSHAIR
  );
}

/** Whether the lines are shown while this tool is in hand. */
export function hasCrosshair({ tools }: Crosshair, tool: Tool): boolean {
  if (tools === "none") return false;
  return tools === "box" ? (tool.isBoxed ?? false) : tool.cursor === "crosshair" || !!tool.resize;
}

export const CROSSHAIR_COMMAND: Command = {
  id: "crosshair",
  title: "Crosshair: off, for boxes, for all that draws",
  group: "View",
  keys: ["Shift+G"],
  run: ({ drawing }) => {
    const { crosshair } = drawing;
    const ways = Object.keys(CROSSHAIR_TOOLS) as Crosshair["tools"][];
    const now = crosshair.get();
    const next = ways[(ways.indexOf(now.tools) + 1) % ways.length] ?? "none";
    crosshair.set({ ...now, tools: next });
  },
};
