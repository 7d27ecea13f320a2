import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { run as report } from "../../../../src/hosts/cli/report.ts";
import { readReport } from "../../../../src/runtime/files/readReport.ts";

const ROOT = join(import.meta.dirname, "../../../..");
const RUN = join(ROOT, "tests/fixtures/lab-run.safetensors");
const WEIGHTS = join(ROOT, "public/models/pretrained-quick.safetensors");

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "report-"));
  vi.stubEnv("INIT_CWD", folder);
});
beforeEach(() => {
  vi.spyOn(process.stderr, "write").mockImplementation(() => true);
});
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

const html = (name: string) => readFileSync(join(folder, name), "utf8");

function reportIn(name: string) {
  const page = html(name);
  return readReport(
    (part) => new RegExp(`id="${part}">(.*?)</script>`, "s").exec(page)?.[1] as string,
  );
}

describe("npm run report", () => {
  it("makes a page of a run that asks for nothing, with title and text", async () => {
    const words = ["--title", "A <b>run", "--text", "One.\n\nTwo."];
    expect(await report(["--weights", RUN, "--out", "lab.html", ...words])).toBe(0);
    const { title, text, run, snapshots, weights } = await reportIn("lab.html");
    expect({ title, text }).toEqual({ title: "A <b>run", text: "One.\n\nTwo." });
    expect([run.name, run.steps.length, snapshots.length]).toEqual(["Lab run", 600, 8]);
    expect(weights?.length).toBeGreaterThan(2 * run.numParameters);

    const [page] = html("lab.html").split("<!-- run -->");
    const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page ?? "")?.[1];
    expect(policy).toContain("default-src 'none'; script-src 'sha256-");
    expect(policy).not.toMatch(/connect-src|unsafe-inline|unsafe-eval'.*unsafe-eval|https?:/);
    // Nothing that a browser would fetch.
    const fetched = html("lab.html").match(/<[^>]* (src|href)="(?!data:)[^"]*"/g);
    expect(fetched).toBeNull();
  }, 120_000);

  it("leaves the network out, and is named after the run", async () => {
    expect(await report(["--weights", RUN, "--no-weights"])).toBe(0);
    expect(await reportIn("run.html")).toMatchObject({ title: "Lab run", text: "", weights: null });
    expect(html("run.html").length).toBeLessThan(html("lab.html").length - 40_000);
  });

  it("refuses weights without a run, and a file that is there", async () => {
    await expect(report(["--weights", WEIGHTS, "--out", "w.html"])).rejects.toThrow(
      /Expected a run for a page, but .*pretrained-quick.safetensors has weights alone/,
    );
    await expect(report(["--weights", RUN, "--out", "lab.html"])).rejects.toThrow("is there");
    expect(readdirSync(folder).sort()).toEqual(["lab.html", "run.html"]);
  });
});
