import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { run as distil } from "../../../../src/hosts/cli/distil.ts";
import { run as evaluate } from "../../../../src/hosts/cli/evaluate.ts";

const SHIPPED = join(import.meta.dirname, "../../../../public/models/pretrained-quick.safetensors");

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "distil-"));
  vi.stubEnv("INIT_CWD", folder);
});
beforeEach(() => {
  vi.spyOn(process.stderr, "write").mockImplementation(() => true);
  vi.spyOn(console, "log").mockImplementation(() => {});
});
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

/** What is measured of 200 samples. */
async function measured(...options: string[]) {
  const json = `${options.length}.json`;
  await evaluate([...options, "--count", "200", "--json", json]);
  return JSON.parse(readFileSync(join(folder, json), "utf8"));
}

describe("npm run distil", () => {
  it("trains a student that needs half the steps of its teacher, and no guidance", async () => {
    const phase = ["--from", "4", "--to", "2", "--steps", "100", "--threads", "1"];
    const out = ["--out", "student.safetensors"];
    expect(await distil(["--weights", SHIPPED, ...phase, ...out])).toBe(0);
    const student = await measured("--weights", "student.safetensors");
    expect(student.samples).toMatchObject({ sampler: "ddim", steps: 2, guidance: 1 });
    const { frechetDistance: reached } = student.figures;
    // Of the teacher at as many steps, with two passes each, and with one as the student has.
    const two = ["--weights", SHIPPED, "--sampler", "ddim", "--steps", "2", "--spacing", "even"];
    const guided = await measured(...two);
    const plain = await measured(...two, "--guidance", "1");
    expect(reached).toBeLessThan(0.8 * guided.figures.frechetDistance);
    expect(reached).toBeLessThan(0.8 * plain.figures.frechetDistance);
    expect(student.figures.readAsAsked).toBeGreaterThan(plain.figures.readAsAsked);
  }, 300_000);

  it.each([
    [["--from", "6", "--to", "1"], "powers of two, such as 32 and 4, got 6 and 1"],
    [["--from", "4", "--to", "4"], "a smaller --to"],
    [["--rate", "fast"], "learningRate"],
    [["--guidance", "9"], "distilGuidance"],
  ])("says what it expected when it got %s", async (options, reason) => {
    await expect(distil(["--weights", SHIPPED, ...options])).rejects.toThrow(reason);
  });

  it("needs a teacher", async () => {
    await expect(distil([])).rejects.toThrow("Expected --weights FILE");
  });
});
