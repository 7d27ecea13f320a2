import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { presetConfig } from "../../../../src/engine/config/presets.ts";
import { initialValues } from "../../../../src/engine/nn/parameters.ts";
import { createUnet } from "../../../../src/engine/nn/unet.ts";
import { run as report } from "../../../../src/hosts/cli/report.ts";
import { encodeCheckpoint } from "../../../../src/runtime/files/checkpointFile.ts";
import { ENCODERS } from "../../../../src/runtime/files/exportRun.ts";
import { readReport } from "../../../../src/runtime/files/readReport.ts";
import { RECORD_FORMAT, type WholeRun } from "../../../../src/runtime/storage/records.ts";
import { epochReport, runAt } from "../../runtime/storage/storedRun.ts";

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

/** From 0 to 1; the same in each run of the test. */
function randomNumbers(): () => number {
  let state = 1;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
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

  it("takes under 3 MB for Quick after its epochs, also where losses and previews hardly compress", async () => {
    const config = presetConfig("quick");
    const [stepsPerEpoch, numSteps] = [3750, 11_250];
    const random = randomNumbers();
    const values = initialValues(createUnet(config).parameters, 1);
    const bytes = encodeCheckpoint(config, {
      step: numSteps,
      numEpochs: 3,
      lossSum: 0,
      values,
      ema: values,
      optimizerState: { mean: values, square: values },
    });
    const steps = Array.from({ length: numSteps }, (_, i) => ({
      step: i + 1,
      loss: random(),
      gradNorm: random(),
      learningRate: random() / 500,
      stepMs: 50 + 10 * random(),
      wallTimeMs: 1e12 + Math.floor(55 * (i + random())),
      memoryBytes: 4_108_504,
      ...((i + 1) % 100 === 0 && {
        liveLoss: random(),
        bucketLosses: Array.from({ length: 10 }, random),
        blockGradNorms: Array.from({ length: 32 }, random),
        blockWeightNorms: Array.from({ length: 32 }, random),
      }),
    }));
    const snapshots = Array.from({ length: 22 }, (_, i) => ({
      step: i * 500,
      wallTimeMs: 1e12 + i,
      count: 100,
      numFrames: 6,
      pixels: Uint8Array.from({ length: 6 * 100 * 784 }, () => 256 * random()),
    }));
    const record = { ...runAt(numSteps, { config }), stepsPerEpoch, isFinished: true };
    const epochs = [1, 2, 3].map((epoch) => epochReport(epoch, stepsPerEpoch * epoch, random()));
    const contents = {
      record: { ...record, format: RECORD_FORMAT, savedMs: 5, totalBytes: 9, numEpochs: 3 },
      checkpoints: [{ step: numSteps, bytes }],
      history: { steps, epochs },
      snapshots,
    };
    const [page] = await ENCODERS.run.page(contents as unknown as WholeRun, "Quick", () => {});
    expect(page?.bytes.length).toBeLessThan(3e6);
    // Most of it previews.
    expect(page?.bytes.length).toBeGreaterThan(2.2e6);
  });

  it("refuses weights without a run, and a file that is there", async () => {
    await expect(report(["--weights", WEIGHTS, "--out", "w.html"])).rejects.toThrow(
      /Expected a run for a page, but .*pretrained-quick.safetensors has weights alone/,
    );
    await expect(report(["--weights", RUN, "--out", "lab.html"])).rejects.toThrow("is there");
    await expect(report(["--weights", RUN, "--figures", RUN, "--out", "f.html"])).rejects.toThrow(
      /Expected --figures with what npm run evaluate writes .*lab-run.safetensors has something else/,
    );
    expect(readdirSync(folder).sort()).toEqual(["lab.html", "run.html"]);
  });
});
