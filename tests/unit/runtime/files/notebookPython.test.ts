/** The notebooks as Python: they train a run again with PyTorch, and come to the losses that the run had. */
import "@tensorflow/tfjs-backend-wasm";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RunConfig } from "../../../../src/engine/config/hyperparameters.ts";
import type { TrainingData } from "../../../../src/engine/data/dataset.ts";
import { pointData } from "../../../../src/engine/data/points.ts";
import {
  decodeSafetensors,
  encodeSafetensors,
} from "../../../../src/engine/formats/safetensors/safetensors.ts";
import { networkParameters } from "../../../../src/engine/nn/networkBlocks.ts";
import { initialValues } from "../../../../src/engine/nn/parameters.ts";
import { pointPaths } from "../../../../src/engine/quality/drawPoints.ts";
import { denoiserOf } from "../../../../src/engine/train/gradient.ts";
import type { EpochReport, StepReport } from "../../../../src/engine/train/reports.ts";
import {
  decodeCheckpoint,
  encodeCheckpoint,
} from "../../../../src/runtime/files/checkpointFile.ts";
import { runAsNotebook } from "../../../../src/runtime/files/notebook/notebook.ts";
import { decodeWeights } from "../../../../src/runtime/files/weightsFile.ts";
import type { WholeRun } from "../../../../src/runtime/storage/records.ts";
import { inFull } from "../../../inFull.ts";
import { EVERY_STEP, noiseImages, smallConfig, smallSession } from "../../engine/train/smallRun.ts";
import { wholeRun } from "./wholeRun.ts";

const ROOT = join(import.meta.dirname, "../../../..");
/** Stands in for the library; another folder has the library itself. */
const LIBRARY = process.env.NOTEBOOK_LIBRARY ?? join(ROOT, "tests/pytorch");
const NEEDED = "torch, numpy, safetensors.torch, matplotlib.pyplot";

const PYTHON = inFull
  ? ["python3", "/usr/bin/python3"].find(
      (python) => spawnSync(python, ["-c", `import ${NEEDED}`]).status === 0,
    )
  : undefined;
if (inFull && !PYTHON)
  console.log(
    "Not tested: the notebook with PyTorch. On Debian: apt-get install python3-torch python3-safetensors python3-matplotlib",
  );

const NUM_TRAIN = 10;

const anyPython = spawnSync("python3", ["--version"]).status === 0;
if (!anyPython)
  console.log("Not tested: whether the notebook is Python. On Debian: apt-get install python3");

it.skipIf(!anyPython).each(["notebook.py", "points.py"])("%s is Python", (fileName) => {
  const path = join(ROOT, "src/runtime/files/notebook", fileName);
  const compile =
    "import sys; compile(open(sys.argv[1], encoding='utf-8').read(), sys.argv[1], 'exec')";
  const { status, stderr } = spawnSync("python3", ["-c", compile, path], { encoding: "utf8" });
  expect(stderr).toBe("");
  expect(status).toBe(0);
});

/** Trains the smallest run of two epochs, three steps each, and gives it as it would be stored. */
function trained(changes: Partial<RunConfig>, isOfFile: boolean): Promise<WholeRun> {
  const config = smallConfig({
    epochs: 2,
    validateEvery: 0,
    warmupSteps: 2,
    timesteps: 10,
    ...changes,
  });
  const dataset = { train: noiseImages(NUM_TRAIN), validation: noiseImages(3, 1) };
  return trainedOn(dataset, config, isOfFile);
}

async function trainedOn(
  dataset: TrainingData,
  config: RunConfig,
  isOfFile = false,
): Promise<WholeRun> {
  await tf.setBackend("wasm");
  const values = isOfFile ? initialValues(networkParameters(config), 5) : null;
  const session = smallSession(config, {
    dataset,
    microBatchSize: config.batchSize,
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
    dataset: {
      ...run.record.dataset,
      ...{ id: "files", name: "Noise" },
      // Where classes have names, the notebook writes them above its pictures.
      ...(config.classes > 0 && { classNames: ["speckle"] }),
    },
    startedFrom: isOfFile ? { fileName: "other.safetensors", trainedSteps: null } : null,
  };
  return { ...run, record, history: { steps, epochs } };
}

/** With the page's weights, from noise that it is given. */
const DRAW_AS_ASKED = `
net.load_state_dict(part("weights."), strict=True)
with safe_open("asked.safetensors", "pt") as file:
    noise, asked = file.get_tensor("noise"), file.get_tensor("labels").long()
save_file({"drawn": draw(noise, asked).contiguous()}, "drawn.safetensors")
`;

describe.skipIf(!PYTHON)("with PyTorch a notebook", { tags: "long", timeout: 120_000 }, () => {
  let folder = "";
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "notebook-"));
    const { images, labels } = noiseImages(NUM_TRAIN);
    const idx = (header: number, bytes: Uint8Array) => Buffer.concat([Buffer.alloc(header), bytes]);
    writeFileSync(join(folder, "train-images-idx3-ubyte"), idx(16, images));
    writeFileSync(join(folder, "train-labels-idx1-ubyte"), idx(8, labels));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  /** Runs the code of all cells, and more after it, and gives what it prints. */
  function printed(run: WholeRun, more = ""): string {
    const [notebook, weights] = runAsNotebook(run, "run");
    const { cells } = JSON.parse(new TextDecoder().decode(notebook?.bytes));
    const code = cells
      .filter((cell: { cell_type: string }) => cell.cell_type === "code")
      .map(({ source }: { source: string[] }) => source.join(""))
      .join("\n\n");
    writeFileSync(join(folder, "notebook.py"), `${code}\n${more}`);
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
    expect(saved.tensors.size).toBe(networkParameters(run.record.config).length);
  });

  it("goes on from weights of a file, whose first steps it cannot repeat", async () => {
    const text = printed(await trained({ dropout: 0.1 }, true));
    expect(text).not.toContain("largest difference");
    expect(text).toMatch(/mean loss of 20 more steps \d\.\d+/);
  });

  it.each<[string, Partial<RunConfig>]>([
    ["flow", { objective: "flow", timestepSampling: "logitNormal", emaDecay: 0.9, ...EVERY_STEP }],
    ["v", { objective: "v", classes: 2, guidance: 2, labelDropout: 0.2, maxGradNorm: 1 }],
    [
      "noise",
      { objective: "noise", betaSchedule: "cosine", lossWeight: "none", lrDecay: "constant" },
    ],
    ["x0", { objective: "x0", betaSchedule: "linear", minSnrGamma: 5, depth: 1, classes: 3 }],
  ])("of points draws as the page does, and trains to a loss like its: %s", async (_, changes) => {
    const config = smallConfig({
      architecture: "perceptron",
      width: 16,
      depth: 2,
      numPoints: 500,
      batchSize: 64,
      epochs: 20,
      learningRate: 5e-3,
      lrDecay: "cosine",
      warmupSteps: 10,
      validateEvery: 0,
      ...changes,
    });
    const run = await trainedOn(pointData(config), config);
    const { values, ema } = decodeCheckpoint(
      config,
      run.checkpoints.at(-1)?.bytes as Uint8Array<ArrayBuffer>,
    );
    const count = 40;
    const labels = Array.from({ length: count }, (_, i) => i % 2);
    const { guidance } = config;
    const drawing = pointPaths({
      denoiser: denoiserOf(config, ema ?? values),
      sampler: { kind: "ddim", timesteps: config.samplingTimesteps, spacing: "even", eta: 0 },
      seed: 3,
      count,
      condition: config.classes > 0 ? { labels, guidance } : null,
    });
    let drawn = await drawing.next();
    while (!drawn.done) drawn = await drawing.next();
    const { frames } = drawn.value;
    const asked = encodeSafetensors({
      tensors: new Map([
        ["noise", { dtype: "F32", shape: [count, 2], values: frames[0] as Float32Array }],
        ["labels", { dtype: "I32", shape: [count], values: Int32Array.from(labels) }],
      ]),
    });
    writeFileSync(join(folder, "asked.safetensors"), asked);
    const text = printed(run, DRAW_AS_ASKED);
    const answer = decodeSafetensors(readFileSync(join(folder, "drawn.safetensors")));
    const ours = frames.at(-1) as Float32Array;
    const theirs = answer.tensors.get("drawn")?.values as Float32Array;
    expect(theirs).toHaveLength(2 * count);
    const differences = Array.from(ours, (value, i) => Math.abs(value - (theirs[i] as number)));
    expect(Math.max(...differences)).toBeLessThan(1e-4);
    const [, page, pytorch] = /page (\S+) {2}PyTorch (\S+)/.exec(text) ?? [];
    // The random numbers are others: the two were at most 7 % apart.
    expect(Math.abs(Number(pytorch) / Number(page) - 1)).toBeLessThan(0.2);
    const saved = decodeWeights(readFileSync(join(folder, "from-pytorch.safetensors")));
    expect(saved.values).toHaveLength(values.length);
    expect(JSON.parse(saved.metadata.config as string)).toEqual(config);
  });
});
