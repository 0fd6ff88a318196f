/** Colours that can be told apart on photographs and from one another; none is the colour of drafts. */
export const PALETTE = [
  "#ff6b6b",
  "#ff922b",
  "#e8c547",
  "#94d82d",
  "#40c97a",
  "#2dd4bf",
  "#22b8e6",
  "#4c8dff",
  "#7c7cff",
  "#b07cff",
  "#e06cf0",
  "#ff74b1",
  "#c08457",
  "#b8c0cc",
] as const;
