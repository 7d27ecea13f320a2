import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { HOST_HEADERS } from "../../../tools/headers.ts";

describe("the headers of a good host", () => {
  it.each(Object.entries(HOST_HEADERS))("%s is in docs/files.md as it is sent", (name, value) => {
    expect(readFileSync("docs/files.md", "utf8")).toContain(`\n${name}: ${value}\n`);
  });

  it("allow no inline script, no evaluated one and no other origin", () => {
    const policy = HOST_HEADERS["Content-Security-Policy"];
    expect(policy).toMatch(/^default-src 'none'; script-src 'self' 'wasm-unsafe-eval';/);
    // An SVG file that a person chooses is drawn as a picture, in which no script runs.
    expect(policy).toContain("img-src 'self' blob:;");
    const rest = policy.replace("img-src 'self' blob:", "");
    expect(rest).not.toMatch(/unsafe-inline|'unsafe-eval'|https?:|blob:|data:|\*/);
  });
});
