import { expect, test } from "vitest";
import { formatDay } from "./when";

test.each([
  ["2026-03-02T00:10:00", "Today"],
  ["2026-03-01T23:50:00", "Yesterday"],
  ["2026-02-28T12:00:00", "February 28"],
  ["2025-12-31T12:00:00", "December 31, 2025"],
])("%s is told as %s on the second of March 2026", (at, told) => {
  expect(formatDay(at, new Date("2026-03-02T09:00:00"))).toBe(told);
});
