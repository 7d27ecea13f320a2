/** The notebook as Python: it trains a run again with PyTorch, and comes to the losses that the run had. */
import "@tensorflow/tfjs-backend-wasm";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RunConfig } from "../../../../src/engine/config/hyperparameters.ts";
import { decodeSafetensors } from "../../../../src/engine/formats/safetensors/safetensors.ts";
import { initialValues } from "../../../../src/engine/nn/parameters.ts";
import { createUnet } from "../../../../src/engine/nn/unet.ts";
import type { EpochReport, StepReport } from "../../../../src/engine/train/reports.ts";
import { encodeCheckpoint } from "../../../../src/runtime/files/checkpointFile.ts";
import { runAsNotebook } from "../../../../src/runtime/files/notebook/notebook.ts";
import type { WholeRun } from "../../../../src/runtime/storage/records.ts";
import { EVERY_STEP, noiseImages, smallConfig, smallSession } from "../../engine/train/smallRun.ts";
import { wholeRun } from "./wholeRun.ts";

const ROOT = join(import.meta.dirname, "../../../..");
/** Stands in for the library; another folder has the library itself. */
const LIBRARY = process.env.NOTEBOOK_LIBRARY ?? join(ROOT, "tests/pytorch");
const NEEDED = "torch, numpy, safetensors.torch, matplotlib.pyplot";

const PYTHON = ["python3", "/usr/bin/python3"].find(
  (python) => spawnSync(python, ["-c", `import ${NEEDED}`]).status === 0,
);
if (!PYTHON) console.log(`Not tested: the notebook with PyTorch. No python3 has all of ${NEEDED}.`);

const NUM_TRAIN = 10;

const anyPython = spawnSync("python3", ["--version"]).status === 0;
if (!anyPython) console.log("Not tested: whether the notebook is Python. There is no python3.");

it.skipIf(!anyPython)("the notebook is Python", () => {
  const path = join(ROOT, "src/runtime/files/notebook/notebook.py");
  const compile =
    "import sys; compile(open(sys.argv[1], encoding='utf-8').read(), sys.argv[1], 'exec')";
  const { status, stderr } = spawnSync("python3", ["-c", compile, path], { encoding: "utf8" });
  expect(stderr).toBe("");
  expect(status).toBe(0);
});

/** Trains the smallest run of two epochs, three steps each, and gives it as it would be stored. */
async function trained(changes: Partial<RunConfig>, isOfFile: boolean): Promise<WholeRun> {
  await tf.setBackend("wasm");
  const config = smallConfig({
    epochs: 2,
    validateEvery: 0,
    warmupSteps: 2,
    timesteps: 10,
    ...changes,
  });
  const train = noiseImages(NUM_TRAIN);
  const { parameters } = createUnet(config);
  const values = isOfFile ? initialValues(parameters, 5) : null;
  const session = smallSession(config, {
    dataset: { train, validation: noiseImages(3, 1) },
    start: { from: "weights", values },
  });
  const [steps, epochs]: [StepReport[], EpochReport[]] = [[], []];
  for await (const report of session.run()) {
    if (report.type === "step") steps.push(report.step);
    if (report.type === "epoch") epochs.push(report.epoch);
  }
  const bytes = encodeCheckpoint(config, await session.checkpoint());
  session.dispose();
  const run = wholeRun(bytes, bytes);
  const record = {
    ...run.record,
    config,
    step: steps.length,
    stepsPerEpoch: session.stepsPerEpoch,
    dataset: { ...run.record.dataset, id: "files", name: "Noise" },
    startedFrom: isOfFile ? { fileName: "other.safetensors", trainedSteps: null } : null,
  };
  return { ...run, record, history: { steps, epochs } };
}

describe.skipIf(!PYTHON)("with PyTorch a notebook", { timeout: 120_000 }, () => {
  let folder = "";
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "notebook-"));
    const { images, labels } = noiseImages(NUM_TRAIN);
    const idx = (header: number, bytes: Uint8Array) => Buffer.concat([Buffer.alloc(header), bytes]);
    writeFileSync(join(folder, "train-images-idx3-ubyte"), idx(16, images));
    writeFileSync(join(folder, "train-labels-idx1-ubyte"), idx(8, labels));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  /** Runs the code of all cells, and gives what it prints. */
  function printed(run: WholeRun): string {
    const [notebook, weights] = runAsNotebook(run, "run");
    const { cells } = JSON.parse(new TextDecoder().decode(notebook?.bytes));
    const code = cells
      .filter((cell: { cell_type: string }) => cell.cell_type === "code")
      .map(({ source }: { source: string[] }) => source.join(""))
      .join("\n\n");
    writeFileSync(join(folder, "notebook.py"), code);
    writeFileSync(join(folder, weights?.fileName as string), weights?.bytes as Uint8Array);
    return execFileSync(PYTHON as string, ["notebook.py"], {
      cwd: folder,
      encoding: "utf8",
      env: {
        ...process.env,
        PYTHONPATH: LIBRARY,
        MPLBACKEND: "Agg",
        OMP_NUM_THREADS: "1",
      },
    });
  }

  it.each<[string, Partial<RunConfig>]>([
    ["v", { objective: "v", emaDecay: 0.9, ...EVERY_STEP, lrDecay: "cosine" }],
    [
      "noise",
      { objective: "noise", offsetNoise: 0.1, betaSchedule: "cosine", lossWeight: "none", seed: 3 },
    ],
    [
      "x0",
      {
        objective: "x0",
        timesteps: 25,
        selfCondition: true,
        betaSchedule: "linear",
        timestepSampling: "logitNormal",
        minSnrGamma: 5,
      },
    ],
    ["labels", { classes: 10, labelDropout: 0.3, guidance: 2, emaDecay: 0.99, ...EVERY_STEP }],
    [
      "plain steps of two batches",
      {
        batchSize: 2,
        gradientAccumulation: 2,
        emaDecay: 0,
        maxGradNorm: 0,
        lrDecay: "constant",
        weightDecay: 0.1,
        dimMults: [1, 2, 2],
        attnHeads: 2,
      },
    ],
  ])("trains a run again to the same losses: %s", async (_, changes) => {
    const run = await trained(changes, false);
    const text = printed(run);
    const [, difference] = /largest difference (\S+)/.exec(text) ?? [];
    expect(Number(difference)).toBeLessThan(2e-5);
    expect(text.match(/^step +\d+ /gm)).toHaveLength(6);
    expect(text).toMatch(/mean loss of 20 more steps \d\.\d+/);
    const saved = decodeSafetensors(readFileSync(join(folder, "from-pytorch.safetensors")));
    expect(saved.tensors.size).toBe(createUnet(run.record.config).parameters.length);
  });

  it("goes on from weights of a file, whose first steps it cannot repeat", async () => {
    const text = printed(await trained({ dropout: 0.1 }, true));
    expect(text).not.toContain("largest difference");
    expect(text).toMatch(/mean loss of 20 more steps \d\.\d+/);
  });
});
