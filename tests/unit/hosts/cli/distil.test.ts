import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { decodeSafetensors } from "../../../../src/engine/formats/safetensors/safetensors.ts";
import { run as distil } from "../../../../src/hosts/cli/distil.ts";
import { run as evaluate } from "../../../../src/hosts/cli/evaluate.ts";
import { run as train } from "../../../../src/hosts/cli/train.ts";
import { decodeRunFile } from "../../../../src/runtime/files/runFile.ts";
import { imagesFile, labelsFile } from "../../engine/data/idxBytes.ts";

const SHIPPED = join(import.meta.dirname, "../../../../public/models/pretrained-quick.safetensors");

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "distil-"));
  vi.stubEnv("INIT_CWD", folder);
  writeFileSync(join(folder, "train-images-idx3-ubyte"), imagesFile(48));
  writeFileSync(join(folder, "train-labels-idx1-ubyte"), labelsFile(48));
});
beforeEach(() => {
  vi.spyOn(process.stderr, "write").mockImplementation(() => true);
  vi.spyOn(console, "log").mockImplementation(() => {});
  // TensorFlow.js' word for each kernel that the command before has registered.
  vi.spyOn(console, "warn").mockImplementation(() => {});
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
  it("trains a student that needs half the steps of its teacher, and no guidance", {
    tags: "long",
    timeout: 300_000,
  }, async () => {
    const phase = ["--from", "4", "--to", "2", "--steps", "100", "--threads", "1"];
    expect(await distil(["--weights", SHIPPED, ...phase, "--out", "good.safetensors"])).toBe(0);
    const student = await measured("--weights", "good.safetensors");
    expect(student.samples).toMatchObject({ sampler: "ddim", steps: 2, guidance: 1 });
    // Of the teacher at as many steps, with two passes each, and with one, as the student has.
    const two = ["--weights", SHIPPED, "--sampler", "ddim", "--steps", "2", "--spacing", "even"];
    for (const { figures } of [await measured(...two), await measured(...two, "--guidance", "1")]) {
      expect(student.figures.frechetDistance).toBeLessThan(0.8 * figures.frechetDistance);
      expect(student.figures.readAsAsked).toBeGreaterThanOrEqual(figures.readAsAsked);
    }
  });

  it("trains a student that is distilled further from the steps that it was made for", async () => {
    const few = ["--steps", "1", "--threads", "1", "--data", "."];
    const phase = ["--from", "4", "--to", "2", ...few, "--out", "student.safetensors"];
    expect(await distil(["--weights", SHIPPED, ...phase])).toBe(0);
    const recordIn = (name: string) => {
      const file = decodeSafetensors(readFileSync(join(folder, name)));
      return decodeRunFile(file, name, () => {}).record;
    };
    expect(recordIn("student.safetensors")).toMatchObject({
      config: { distilFrom: 4, epochs: 1, guidance: 1 },
      startedFrom: { fileName: "pretrained-quick.safetensors", trainedSteps: 11_250 },
    });
    const further = ["--to", "1", ...few, "--out", "further.safetensors"];
    expect(await distil(["--weights", "student.safetensors", ...further])).toBe(0);
    expect(recordIn("further.safetensors")).toMatchObject({
      config: { distilFrom: 2, epochs: 1, distilGuidance: 1 },
      startedFrom: { fileName: "student.safetensors", trainedSteps: 11_251 },
    });
    const beyond = ["--from", "4", "--out", "beyond.safetensors"];
    await expect(distil(["--weights", "student.safetensors", ...beyond])).rejects.toThrow(
      "made for 2 steps",
    );
    await expect(
      train(["--resume", "student.safetensors", "--data", ".", "--epochs", "3"]),
    ).rejects.toThrow("epochs: At most 2, not 3");
  });

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
