const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const day = new Intl.DateTimeFormat("en", { month: "long", day: "numeric" });
const dayOfYear = new Intl.DateTimeFormat("en", { month: "long", day: "numeric", year: "numeric" });

/** "14:03", of the reader's own clock. */
export function formatClock(iso: string): string {
  return clock.format(new Date(iso));
}

/** "Today", "Yesterday", "November 21", "November 21, 2024". */
export function formatDay(iso: string, now = new Date()): string {
  const at = new Date(iso);
  const midnight = (date: Date) => new Date(date).setHours(0, 0, 0, 0);
  const days = Math.round((midnight(now) - midnight(at)) / 86_400_000);
  if (days === 0) return "Today";
  if (days === 1) return "Yesterday";
  return at.getFullYear() === now.getFullYear() ? day.format(at) : dayOfYear.format(at);
}
