import { describe, expect, it } from "vitest";
import { formatAgo, formatWhen } from "../../../../../src/app/shared/runs/when.ts";

describe("formatAgo", () => {
  const NOW_MS = Date.parse("2026-11-25T14:07:00Z");
  const [MINUTE, HOUR, DAY] = [60_000, 3_600_000, 86_400_000];

  it.each([
    [0, "just now"],
    [59_000, "just now"],
    [MINUTE, "1 min ago"],
    [59.9 * MINUTE, "59 min ago"],
    [HOUR, "1 h ago"],
    [23.9 * HOUR, "23 h ago"],
    [DAY, "1 d ago"],
    [6.9 * DAY, "6 d ago"],
    [8 * DAY, "17 Nov 2026"],
  ])("says of %d ms ago: %s", (agoMs, words) => {
    expect(formatAgo(NOW_MS - agoMs, NOW_MS)).toBe(words);
  });

  it("takes a clock that was set back a little for now, and gives a day far ahead", () => {
    expect(formatAgo(NOW_MS + MINUTE, NOW_MS)).toBe("just now");
    expect(formatAgo(NOW_MS + 30 * DAY, NOW_MS)).toBe("25 Dec 2026");
  });
});

it("says when it was, with the year only where that is another", () => {
  const nowMs = new Date(2026, 10, 25, 14, 7).getTime();
  expect(formatWhen(new Date(2026, 0, 5, 9, 3).getTime(), nowMs)).toBe("5 Jan, 09:03");
  expect(formatWhen(new Date(2025, 11, 31, 23, 0).getTime(), nowMs)).toBe("31 Dec 2025, 23:00");
});
