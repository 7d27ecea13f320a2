/** Dates in words. */

/** `just now`, `5 min ago`, `3 h ago`, `2 d ago`, from a week on `25 Nov 2026`. */
export function formatAgo(thenMs: number, nowMs: number): string {
  const hours = (nowMs - thenMs) / 3_600_000;
  // A clock may have been set back a little.
  if (hours > -1 && hours < 1 / 60) return "just now";
  if (hours < 0 || hours >= 7 * 24) return formatDay(thenMs);
  if (hours >= 24) return `${Math.floor(hours / 24)} d ago`;
  return hours >= 1 ? `${Math.floor(hours)} h ago` : `${Math.floor(60 * hours)} min ago`;
}

/** `25 Nov, 14:07`, with the year where it is another. */
export function formatWhen(thenMs: number, nowMs: number): string {
  const [then, now] = [new Date(thenMs), new Date(nowMs)];
  const year = then.getFullYear() === now.getFullYear() ? {} : ({ year: "numeric" } as const);
  const day = then.toLocaleDateString("en-GB", { day: "numeric", month: "short", ...year });
  return `${day}, ${then.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" })}`;
}

function formatDay(ms: number): string {
  return new Date(ms).toLocaleDateString("en-GB", {
    day: "numeric",
    month: "short",
    year: "numeric",
  });
}

/** `25 November 2026 at 14:07` */
export function formatTime(ms: number): string {
  return new Date(ms).toLocaleString("en-GB", { dateStyle: "long", timeStyle: "short" });
}
