import type { Command } from "./commands";
import { repeatCategory } from "./recent-categories";

/** Commands that search for something. They come first where commands are listed without a search. */
export const PALETTE_COMMANDS: readonly Command[] = [
  {
    id: "go-to-image",
    title: "Go to image…",
    group: "Images",
    keys: ["Mod+G"],
    run: (_, page) => page.openPalette("images"),
  },
  {
    id: "pick-category",
    title: "Pick category…",
    group: "Edit",
    keys: ["Mod+Shift+K"],
    run: (_, page) => page.openPalette("categories"),
  },
  {
    id: "take-tool",
    title: "Take tool…",
    group: "Tools",
    keys: [],
    run: (_, page) => page.openPalette("tools"),
  },
  {
    id: "palette",
    title: "Search every command",
    group: "Help",
    keys: ["Mod+K"],
    run: (_, page) => page.openPalette("commands"),
  },
];

/** The way from image to image. */
export const FLOW_COMMANDS: readonly Command[] = [
  {
    id: "copy-previous",
    title: "Copy the annotations of the previous image",
    group: "Edit",
    keys: ["Mod+Shift+V"],
    run: (_, page) => page.copyFromPrevious(),
  },
  {
    id: "last-category",
    title: "The last category again",
    group: "Edit",
    keys: ["Shift+C"],
    run: repeatCategory,
  },
  {
    id: "done-next",
    title: "Done, and the next image",
    group: "Images",
    keys: ["Mod+Enter"],
    run: (_, page) => page.finish("done", true),
  },
  {
    id: "skip-next",
    title: "Skip, and the next image",
    group: "Images",
    keys: ["Mod+Backspace"],
    run: (_, page) => page.finish("skipped", true),
  },
  {
    id: "done",
    title: "Done with this image, or back to work",
    group: "Images",
    keys: ["Shift+D"],
    run: (_, page) => page.finish("done", false),
  },
  {
    id: "skip",
    title: "Skip this image, or back to work",
    group: "Images",
    keys: ["Shift+S"],
    run: (_, page) => page.finish("skipped", false),
  },
  {
    id: "next-to-do",
    title: "Next image that is not done or skipped",
    group: "Images",
    keys: [">"],
    run: (_, page) => page.nextToDo(),
  },
];
