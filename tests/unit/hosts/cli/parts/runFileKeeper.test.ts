import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-wasm";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { CommandError } from "../../../../../src/hosts/cli/options.ts";
import { fileLibrary, RunFileKeeper } from "../../../../../src/hosts/cli/parts/runFileKeeper.ts";
import { resumedRun } from "../../../../../src/hosts/cli/parts/runStart.ts";
import { encodeRunFile } from "../../../../../src/runtime/files/runFile.ts";
import { described } from "../../../../../src/runtime/files/trainedImages.ts";
import { RunRecorder } from "../../../../../src/runtime/run/runRecorder.ts";
import { TrainingRun } from "../../../../../src/runtime/run/trainingRun.ts";
import { checksumOf } from "../../../../../src/runtime/storage/checkpoints.ts";
import { smallConfig, smallDataset } from "../../../engine/train/smallRun.ts";

beforeAll(async () => {
  await tf.setBackend("wasm");
});

const dataset = { ...smallDataset(), id: "files", name: "small" };

function temporaryPath(): string {
  const folder = mkdtempSync(join(tmpdir(), "run-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return join(folder, "run.safetensors");
}

/** Of every step at which one is due: then none is drawn, which takes longest. */
const ALL_DRAWN = [0, 2, 4, 6, 8];

/** A run of 2 steps an epoch that is kept in a file, new or as it is there. */
function runInFile(
  path: string,
  { epochs = 3, drawnSteps = ALL_DRAWN, warn = (_message: string) => {}, changes = {} } = {},
) {
  const config = smallConfig({
    epochs,
    emaDecay: 0.9,
    checkpointMinutes: 0,
    previewTimesteps: 1,
    ...changes,
  });
  const resumed = existsSync(path) ? resumedRun(path, [], dataset) : null;
  const contents = resumed?.contents ?? null;
  const file = new RunFileKeeper(path, contents);
  const library = fileLibrary(file, warn);
  const run = new TrainingRun({
    recorder: new RunRecorder({
      identity: resumed?.identity ?? {
        runId: "run",
        name: "Run",
        createdMs: 0,
        preset: "tiny",
        startedFrom: null,
        config,
        dataset: described(dataset, config),
      },
      library,
      stored: contents && { ...contents, step: contents.record.step },
    }),
    drawnSteps: [...drawnSteps, ...(contents?.snapshots.map(({ step }) => step) ?? [])],
    start: resumed?.start ?? { from: "weights", values: null },
    dataset,
    maxMicroBatch: null,
    replicas: [],
    backend: "wasm",
    isSound: () => true,
    onFault: () => {},
    prepareDevice: async () => {},
    meter: () => Promise.reject(new Error("Nothing is measured.")),
    post: () => {},
  });
  onTestFinished(() => run.dispose());
  return { run, file, library };
}

const stepIn = async (file: RunFileKeeper, run: TrainingRun) =>
  (await file.find(run.runId))?.record.step;
const resume = (path: string) => resumedRun(path, [], dataset);
const sumOf = ({ buffer, byteOffset, byteLength }: Uint8Array | Float32Array) =>
  checksumOf(new Uint8Array(buffer, byteOffset, byteLength));

/** A checksum of the newest ones. */
const weightsIn = (path: string) => {
  const { start } = resume(path);
  return start.from === "checkpoint" ? sumOf(start.checkpoint.values) : null;
};

describe("a run that is kept in a file", () => {
  it("goes on from it and ends with the weights, history and digits of one that was not ended", async () => {
    const [whole, parted] = [temporaryPath(), temporaryPath()];
    const straight = runInFile(whole, { drawnSteps: [4, 6] }).run;
    while (straight.hasWork) await straight.advance();
    const first = runInFile(parted, { drawnSteps: [4, 6] }).run;
    while (first.session.numSteps < 3) await first.advance();
    await first.pause();
    while (first.hasWork) await first.advance();
    const second = runInFile(parted, { drawnSteps: [4, 6] }).run;
    while (second.hasWork) await second.advance();

    expect(weightsIn(parted)).toEqual(weightsIn(whole));
    const [a, b] = [resume(whole).contents, resume(parted).contents];
    expect(b?.history.steps.map(({ step, loss }) => [step, loss])).toEqual(
      a?.history.steps.map(({ step, loss }) => [step, loss]),
    );
    expect(b?.history.epochs).toHaveLength(3);
    expect(b?.snapshots.map(({ step, pixels }) => [step, sumOf(pixels)])).toEqual(
      a?.snapshots.map(({ step, pixels }) => [step, sumOf(pixels)]),
    );
    expect(b?.record).toMatchObject({ isFinished: true, step: 6, numEpochs: 3 });
  });

  it("goes on where its history has gaps, and says how many", async () => {
    const path = temporaryPath();
    const { run } = runInFile(path);
    while (run.session.numSteps < 3) await run.advance();
    await run.pause();
    const { contents } = resume(path);
    if (!contents) throw new Error("There is no run.");
    const [first, ...steps] = contents.history.steps;
    writeFileSync(path, encodeRunFile({ ...contents, history: { steps, epochs: [] } }));
    expect([first?.step, resume(path).warning]).toEqual([
      1,
      `${path}: 1 of 3 steps and 1 of 1 epoch are missing from the history. The network is complete.`,
    ]);

    const second = runInFile(path).run;
    while (second.hasWork) await second.advance();
    const { history, record } = resume(path).contents ?? contents;
    expect(history.steps.map(({ step }) => step)).toEqual([2, 3, 4, 5, 6]);
    expect(history.epochs.map(({ epoch }) => epoch)).toEqual([2, 3]);
    expect(record).toMatchObject({ isFinished: true, numEpochs: 3 });
  });

  it("has the checkpoint of the best epoch besides the newest, unless that is the best", async () => {
    const path = temporaryPath();
    const { run } = runInFile(path, { epochs: 4 });
    while (run.hasWork) {
      await run.advance();
      if (!existsSync(path)) continue;
      const { contents, start } = resume(path);
      const losses = contents?.history.epochs.map(({ validationLoss }) => validationLoss) ?? [];
      if (losses.length === 0 || !contents) continue;
      const bestStep = 2 * (1 + losses.indexOf(Math.min(...losses)));
      expect(contents.record.bestValidationLoss).toBe(Math.min(...losses));
      const best = start.from === "checkpoint" ? start.best : null;
      expect(best?.step ?? contents.record.step).toBe(bestStep);
    }
    expect(resume(path).contents?.history.epochs).toHaveLength(4);
  });

  it("that stops early has its last step, as the command expects, and the weights of its best epoch", async () => {
    const path = temporaryPath();
    const changes = { patience: 1, minGain: 10, learningRate: 0.05 };
    const { run, file } = runInFile(path, { epochs: 4, changes });
    while (run.hasWork) await run.advance();
    expect(run.session.hasStoppedEarly).toBe(true);
    expect([await stepIn(file, run), run.session.numSteps]).toEqual([4, 4]);
    const { contents, start } = resume(path);
    expect(contents?.record).toMatchObject({ hasStoppedEarly: true, numEpochs: 2 });
    const losses = contents?.history.epochs.map(({ validationLoss }) => validationLoss) ?? [];
    expect(losses[1]).toBeGreaterThan(losses[0] ?? Number.NaN);
    const best = start.from === "checkpoint" ? start.best : null;
    expect([run.session.sampledStep, best?.step]).toEqual([2, 2]);
    const sampled = await run.session.rawSampler.values.data<"float32">();
    expect(best?.values).toEqual(sampled);
  });

  it("is as it was a checkpoint earlier when the newest is forgotten", async () => {
    const path = temporaryPath();
    const { run, library } = runInFile(path);
    while (run.session.numSteps < 2) await run.advance();
    await run.save();
    const before = weightsIn(path);
    while (run.session.numSteps < 3) await run.advance();
    await run.save();
    const { numSteps } = run.session;
    expect(weightsIn(path)).not.toEqual(before);
    await library.forgetNewest("run", numSteps);
    expect(weightsIn(path)).toEqual(before);
  });

  it("is not resumed with other images, and says which it was trained on", async () => {
    const path = temporaryPath();
    const { run } = runInFile(path);
    while (run.hasWork) await run.advance();
    const others = { ...smallDataset({ numTrain: 12 }), id: "files", name: "others" };
    expect(() => resumedRun(path, [], others)).toThrow(CommandError);
    expect(() => resumedRun(path, [], others)).toThrow("“small” with 8 images");
  });

  it("is never half a file, and leaves none beside it", async () => {
    const path = temporaryPath();
    const { run } = runInFile(path);
    while (run.hasWork) {
      await run.advance();
      if (existsSync(path)) expect(resume(path).contents?.record.runId).toBeDefined();
      expect(readdirSync(dirname(path))).toEqual(existsSync(path) ? [basename(path)] : []);
    }
    expect(readFileSync(path).length).toBeGreaterThan(0);
  });

  it("goes on when its file cannot be written, and has all of it once it can", async () => {
    const path = temporaryPath();
    const warnings: string[] = [];
    const { run, file } = runInFile(path, { warn: (message) => warnings.push(message) });
    // As of a disk that is unplugged for a while.
    const folder = dirname(path);
    renameSync(folder, `${folder}-away`);
    while (run.session.numSteps < 3) await run.advance();
    await run.save();
    expect(await stepIn(file, run)).toBeUndefined();
    expect(warnings[0]).toContain(`Expected to write ${path}: `);
    expect(warnings[0]).toContain("Training goes on");
    expect(existsSync(path)).toBe(false);

    renameSync(`${folder}-away`, folder);
    while (run.hasWork) await run.advance();
    expect(await stepIn(file, run)).toBe(6);
    const { contents } = resume(path);
    expect(contents?.history.steps.map(({ step }) => step)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(contents?.history.epochs).toHaveLength(3);
    expect(contents?.record.isFinished).toBe(true);
  });

  it("goes on with other settings only where they fit what it has", async () => {
    const path = temporaryPath();
    const { run } = runInFile(path);
    while (run.hasWork) await run.advance();
    const changes = ["epochs=7", "learningRate=1e-5", "validateEvery=3"];
    expect(resumedRun(path, changes, dataset).identity.config).toEqual({
      ...resume(path).identity.config,
      epochs: 7,
      learningRate: 1e-5,
      validateEvery: 3,
    });
    for (const change of ["batchSize=2", "seed=1", "dim=16", "timesteps=10", "epoch=7"]) {
      const begin = () => resumedRun(path, ["epochs=7", change], dataset);
      expect(begin).toThrow(CommandError);
      expect(begin).toThrow(`got ${change}. Begin a new run for it.`);
    }
  });
});
