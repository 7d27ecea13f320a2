import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { decodeSafetensors } from "../../../../src/engine/formats/safetensors/safetensors.ts";
import { run as distil } from "../../../../src/hosts/cli/distil.ts";
import { run as evaluate } from "../../../../src/hosts/cli/evaluate.ts";
import { run as train } from "../../../../src/hosts/cli/train.ts";
import { decodeRunFile } from "../../../../src/runtime/files/runFile.ts";
import { inFull } from "../../../inFull.ts";

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
    // Of the teacher at as many steps, with two passes each; in full also with one, as the student has.
    const two = ["--weights", SHIPPED, "--sampler", "ddim", "--steps", "2", "--spacing", "even"];
    const teachers = [await measured(...two)];
    if (inFull) teachers.push(await measured(...two, "--guidance", "1"));
    // It is distilled further from the steps that it was made for, as a run as well as its weights.
    const further = ["--to", "1", "--steps", "1", "--threads", "1", "--out", "further.safetensors"];
    expect(await distil(["--weights", "student.safetensors", ...further])).toBe(0);
    const run = decodeSafetensors(readFileSync(join(folder, "further.safetensors")));
    expect(decodeRunFile(run, "further", () => {}).record).toMatchObject({
      config: { distilFrom: 2, epochs: 1, distilGuidance: 1 },
      startedFrom: { fileName: "student.safetensors", trainedSteps: 11_350 },
    });
    const beyond = ["--from", "4", "--out", "beyond.safetensors"];
    await expect(distil(["--weights", "student.safetensors", ...beyond])).rejects.toThrow(
      "made for 2 steps",
    );
    await expect(train(["--resume", "student.safetensors", "--epochs", "3"])).rejects.toThrow(
      "epochs: At most 2, not 3",
    );
    for (const { figures } of teachers) {
      expect(reached).toBeLessThan(0.8 * figures.frechetDistance);
      expect(student.figures.readAsAsked).toBeGreaterThanOrEqual(figures.readAsAsked);
    }
  }, 300_000);

  it.each([
    [["--from", "6", "--to", "1"], "powers of two, such as 32 and 4, got 6 and 1"],
    [["--from", "4", "--to", "4"], "a smaller --to"],
    [["--from", "1024"], "distilFrom: 0, or a power of two, 2 to 1000, not 1024"],
    [["--rate", "fast"], "learningRate"],
    [["--guidance", "9"], "distilGuidance"],
  ])("says what it expected when it got %s", async (options, reason) => {
    await expect(distil(["--weights", SHIPPED, ...options])).rejects.toThrow(reason);
  });

  it("needs a teacher", async () => {
    await expect(distil([])).rejects.toThrow("Expected --weights FILE");
  });
});
