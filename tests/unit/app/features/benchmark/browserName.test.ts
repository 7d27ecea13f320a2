import { describe, expect, it } from "vitest";
import { browserName } from "../../../../../src/app/features/benchmark/BenchmarkDialog.tsx";

const WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)";

describe("the name of a browser", () => {
  it.each([
    [
      "Chrome 141 on Linux",
      `Mozilla/5.0 (X11; Linux x86_64) ${WEBKIT} Chrome/141.0.0.0 Safari/537.36`,
    ],
    [
      "Edge 141 on Windows",
      `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${WEBKIT} Chrome/141.0.0.0 Safari/537.36 Edg/141.0.0.0`,
    ],
    [
      "Chrome 141 on Android",
      `Mozilla/5.0 (Linux; Android 10; K) ${WEBKIT} Chrome/141.0.0.0 Mobile Safari/537.36`,
    ],
    [
      "Safari 26 on macOS",
      "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Safari/605.1.15",
    ],
    [
      "Firefox 143 on Windows",
      "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:143.0) Gecko/20100101 Firefox/143.0",
    ],
    ["Something/1.0", "Something/1.0"],
  ])("is %s", (expected, userAgent) => {
    expect(browserName(userAgent)).toBe(expected);
  });
});
