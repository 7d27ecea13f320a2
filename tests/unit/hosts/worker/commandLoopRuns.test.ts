import "fake-indexeddb/auto";
import { beforeEach, describe, expect, it } from "vitest";
import { decodeCheckpoint } from "../../../../src/runtime/files/checkpointFile.ts";
import { imagesFile, labelsFile, pair } from "../../engine/data/idxBytes.ts";
import { smallConfig } from "../../engine/train/smallRun.ts";
import {
  clearRuns,
  inDatabase,
  keptCheckpoint,
  keptRecords,
} from "../../runtime/storage/browserStorage.ts";
import { readyWorker } from "./startedWorker.ts";

beforeEach(async () => {
  await clearRuns();
});

type Worker = Awaited<ReturnType<typeof readyWorker>>;

/** 3 steps an epoch; a moving average, so that all there is to store is there. */
const CONFIG = { emaDecay: 0.9, emaUpdateAfter: 0, emaUpdateEvery: 1, epochs: 3 };

/** The same of points: 3 batches of 40. */
const POINTS = {
  ...CONFIG,
  architecture: "perceptron",
  width: 8,
  depth: 1,
  objective: "flow",
  points: "moons",
  numPoints: 120,
  batchSize: 40,
} as const;

const continueRun = (worker: Worker, runId: string, learningRateFactor = 1) =>
  worker.handle({ type: "continueRun", runId, learningRateFactor, maxMicroBatch: null });

async function trained(worker: Worker, runId: string, changes = {}) {
  worker.train(runId, { ...CONFIG, ...changes });
  await worker.status(runId, "finished");
}

describe("a run", () => {
  it("is stored from its start on, and marked when it has ended by itself", async () => {
    const worker = await readyWorker();
    await trained(worker, "a", { checkpointMinutes: 0 });
    const saved = worker.allOf("checkpointSaved").map(({ step }) => step);
    expect(saved).toEqual([0, 3, 6, 9]);
    const end = { step: 9, isFinished: true, hasStoppedEarly: false };
    expect(await keptRecords()).toMatchObject([
      { runId: "a", ...end, stepsPerEpoch: 3, device: "WebAssembly SIMD, 1 thread" },
    ]);
  });

  it("is saved on Pause, on Stop and when the page is hidden", async () => {
    const worker = await readyWorker();
    worker.train("a", { epochs: 1000, checkpointMinutes: 0 });
    await worker.event("steps");
    worker.handle({ type: "saveCheckpoint" });
    const hidden = await worker.event("checkpointSaved", ({ step }) => step > 0);
    worker.handle({ type: "pause", runId: "a" });
    await worker.status("a", "paused");
    const paused = worker.allOf("checkpointSaved").at(-1)?.step ?? 0;
    expect(paused).toBeGreaterThanOrEqual(hidden.step);
    expect(worker.stepsOf("a").at(-1)).toBe(paused);
    worker.handle({ type: "resume", runId: "a" });
    await worker.event("steps", ({ steps }) => (steps[0]?.step ?? 0) > paused);
    const stoppedAt = await worker.stop("a");
    expect(worker.allOf("checkpointSaved").at(-1)?.step).toBe(stoppedAt);
  });

  it("is saved by the clock", async () => {
    const worker = await readyWorker();
    // The clock of this test goes on by 0.3 s whenever it is read.
    worker.train("a", { epochs: 1000, checkpointMinutes: 0.05 });
    await worker.event("checkpointSaved", ({ step }) => step > 0 && step % 3 !== 0);
    await worker.stop("a");
  });

  it.each([
    ["images", CONFIG],
    ["points", POINTS],
  ])(
    "of %s goes on in another worker to the same bits as one that never stopped",
    async (_, of) => {
      const straight = await readyWorker();
      await trained(straight, "straight", of);
      const first = await readyWorker();
      first.train("a", of);
      await first.event("epoch", ({ runId }) => runId === "a");
      const stoppedAt = await first.stop("a");
      expect(stoppedAt).toBeLessThan(9);

      const second = await readyWorker();
      continueRun(second, "a");
      await second.status("a", "finished");
      const opened = await second.event("runOpened");
      expect(opened.run.steps.map(({ step }) => step)).toEqual(
        Array.from({ length: stoppedAt }, (_, i) => i + 1),
      );
      const losses = (worker: Worker, runId: string) =>
        worker.allOf("steps").flatMap((e) => (e.runId === runId ? e.steps.map((s) => s.loss) : []));
      expect([...opened.run.steps.map(({ loss }) => loss), ...losses(second, "a")]).toEqual(
        losses(straight, "straight"),
      );
      expect(losses(straight, "straight")).toHaveLength(9);
      expect(await keptCheckpoint("a", 9)).toEqual(await keptCheckpoint("straight", 9));
    },
  );

  it("that is opened is shown and sampled as it was, without images", async () => {
    const first = await readyWorker();
    await trained(first, "a");
    first.sample("before");
    const digits = await first.digits("before");

    const second = await readyWorker();
    second.handle({ type: "openRun", runId: "a" });
    const { run } = await second.event("runOpened");
    expect(run).toMatchObject({ runId: "a", status: "finished", warning: null, startedFrom: null });
    expect(run.steps).toHaveLength(9);
    expect(run.epochs).toHaveLength(3);
    const shown = await second.event("sampleStarted");
    expect(shown).toMatchObject({ origin: "preview", trainedSteps: 9 });
    second.sample("after");
    expect(await second.digits("after")).toEqual(digits);
    expect(second.allOf("sampleStarted").at(-1)).toMatchObject({ trainedSteps: 9 });
  });

  it("is sampled as it was at any checkpoint that is kept, while another network is the newest", async () => {
    const worker = await readyWorker();
    await trained(worker, "a", { previewEvery: 0, learningRate: 1e-2 });
    const [record] = await keptRecords();
    const steps = record?.checkpoints.map(({ step }) => step) ?? [];
    expect(steps.length).toBeGreaterThan(1);
    worker.sample("newest");
    const newest = await worker.digits("newest");
    await trained(worker, "b", { previewEvery: 0, learningRate: 1e-3 });
    for (const step of steps) {
      worker.sample(`step ${step}`, { network: { kind: "stored", runId: "a", step } });
      const digits = await worker.digits(`step ${step}`);
      if (step === steps.at(-1)) expect(digits).toEqual(newest);
      else expect(digits).not.toEqual(newest);
      expect(worker.allOf("sampleStarted").at(-1)).toMatchObject({
        source: { kind: "run", runId: "a" },
        trainedSteps: step,
      });
    }
    worker.sample("gone", { network: { kind: "stored", runId: "a", step: 1 } });
    expect((await worker.event("sampleFailed")).message).toMatch(/step 1 .* no longer kept/);
  });

  it("goes on with half the learning rate where that is asked for", async () => {
    const worker = await readyWorker();
    worker.train("a", { learningRate: 1e-2 });
    await worker.event("steps");
    const stoppedAt = await worker.stop("a");
    const from = worker.events.length;
    continueRun(worker, "a", 0.5);
    const started = await worker.event("runStarted", ({ runId }) => runId === "a", from);
    expect(started.config.learningRate).toBe(5e-3);
    const { steps } = await worker.event("steps", () => true, from);
    expect(steps[0]).toMatchObject({ step: stoppedAt + 1, learningRate: 5e-3 });
    await worker.stop("a");
    expect(await keptRecords()).toMatchObject([{ config: { learningRate: 5e-3 } }]);
  });

  it("whose loss is no number is stored as it was before", async () => {
    const worker = await readyWorker();
    worker.train("a", { learningRate: 1e30 });
    await worker.status("a", "diverged");
    const saved = worker.allOf("checkpointSaved").at(-1)?.step ?? Number.NaN;
    expect(saved).toBeLessThan(worker.stepsOf("a").at(-1) ?? Number.NaN);
    // Its record cannot be read: no form allows such a rate.
    const bytes = await inDatabase(async (database) => {
      const keys = (await database.getAllKeys("parts")) as [string, string][];
      const key = keys.find(([, name]) => name.startsWith(`checkpoint-${saved}-`));
      return database.get("parts", key ?? []);
    });
    const { values } = decodeCheckpoint(smallConfig(), bytes);
    expect(values.every(Number.isFinite)).toBe(true);
  });

  it("does not go on with other images, and says which it needs", async () => {
    const worker = await readyWorker();
    await worker.train("a", { epochs: 1000 });
    await worker.event("steps");
    await worker.stop("a");
    worker.load("other", pair("train", imagesFile(20), labelsFile(20)));
    await worker.event("datasetReady", ({ loadId }) => loadId === "other");
    const from = worker.events.length;
    continueRun(worker, "a");
    const failed = await worker.event("runFailed", () => true, from);
    expect(failed.message).toMatch(/trained on “first” with 9 images.*got “other” with 17 images/);
    expect(worker.allOf("runStatus", from).at(-1)?.status).toBe("stopped");
  });

  it("that is not there is no run", async () => {
    const worker = await readyWorker();
    worker.handle({ type: "openRun", runId: "none" });
    expect((await worker.event("runNotOpened")).message).toContain("no longer stored");
    continueRun(worker, "none");
    await worker.event("runNotOpened", () => true, worker.events.length);
  });

  it("that cannot be opened, trained on or begun leaves a person's digits alone", async () => {
    const worker = await readyWorker();
    worker.train("a");
    await worker.event("steps");
    worker.sample("digits", { timesteps: 20 });
    await worker.event("sampleFrame", worker.isOf("digits"));
    // Of one that is trained, and of none.
    worker.handle({ type: "openRun", runId: "a" });
    await worker.event("runNotOpened");
    continueRun(worker, "none");
    await worker.stop("a");
    worker.handle({ type: "openRun", runId: "none" });
    await worker.digits("digits");
    expect(worker.allOf("runNotOpened")).toHaveLength(3);
    worker.sample("others", { timesteps: 20 });
    await worker.event("sampleFrame", worker.isOf("others"));
    worker.handle({ type: "openRun", runId: "a" });
    // One that is opened is the network to sample from now.
    await worker.event("sampleCancelled", worker.isOf("others"));
    await worker.event("runOpened");
  });

  it("stops early with the weights of its best epoch, also when it is opened again", async () => {
    const worker = await readyWorker();
    worker.train("a", { ...CONFIG, epochs: 50, patience: 1, minGain: 10 });
    await worker.status("a", "stoppedEarly");
    // No epoch but the first gains 10.
    expect(worker.allOf("epoch")).toHaveLength(2);
    const losses = worker.allOf("epoch").map(({ epoch }) => epoch.validationLoss);
    const bestStep = 3 * (losses.indexOf(Math.min(...losses)) + 1);
    worker.sample("now");
    const digits = await worker.digits("now");
    expect(worker.allOf("sampleStarted").at(-1)?.trainedSteps).toBe(bestStep);
    worker.handle({ type: "openRun", runId: "a" });
    expect((await worker.event("runOpened")).run.status).toBe("stoppedEarly");
    worker.sample("later");
    expect(await worker.digits("later")).toEqual(digits);
    expect(worker.allOf("sampleStarted").at(-1)?.trainedSteps).toBe(bestStep);
  });
});

describe("stored runs", () => {
  it("are renamed and deleted, and the page is told", async () => {
    const worker = await readyWorker();
    await trained(worker, "a");
    worker.handle({ type: "renameRun", runId: "a", name: "Mine" });
    await worker.event("runs", ({ runs }) => runs[0]?.name === "Mine");
    worker.handle({ type: "deleteRun", runId: "a" });
    await worker.event("runs", ({ runs }) => runs.length === 0, worker.events.length);
  });

  it("go out and come in as another run, told where its history has gaps, which goes on to the same bits", async () => {
    const first = await readyWorker();
    first.train("a", CONFIG);
    await first.event("epoch", ({ runId }) => runId === "a");
    const stoppedAt = await first.stop("a");
    // One that does not hold the run in its memory.
    const worker = await readyWorker();
    await inDatabase(async (database) => {
      for (const key of await database.getAllKeys("parts")) {
        if (String(key).includes("history")) await database.delete("parts", key);
      }
    });
    // As the command names its runs: the file's name then tells it from others.
    worker.handle({ type: "renameRun", runId: "a", name: "Tiny" });
    await worker.event("runs", ({ runs }) => runs[0]?.name === "Tiny");
    worker.handle({ type: "exportRun", requestId: "export", runId: "a", format: "run" });
    const [exported] = (await worker.event("runExported")).files;
    expect(exported?.fileName).toBe("tiny.safetensors");
    worker.handle({ type: "deleteRun", runId: "a" });
    const imported = await worker.loadWeightsOrRun(
      new File([exported?.bytes as BlobPart], "a.safetensors"),
    );
    expect(imported).toMatchObject({ type: "runImported", name: "a" });
    const { runId, gaps } = imported.type === "runImported" ? imported : { runId: "", gaps: null };
    expect(gaps).toMatch(/^\d of \d steps and \d of \d epochs? are/);
    expect(await keptRecords()).toMatchObject([{ runId, step: stoppedAt, name: "a" }]);

    continueRun(worker, runId);
    await worker.status(runId, "finished");
    const { run } = await worker.event("runOpened", (e) => e.run.runId === runId);
    expect(run).toMatchObject({ steps: [], epochs: [], step: stoppedAt });
    expect(run.warning).toContain(gaps);
    expect(worker.stepsOf(runId)[0]).toBe(stoppedAt + 1);
    const straight = await readyWorker();
    await trained(straight, "straight");
    expect(await keptCheckpoint(runId, 9)).toEqual(await keptCheckpoint("straight", 9));
  });

  it("go out while they train, with what is not stored yet", async () => {
    const worker = await readyWorker();
    worker.train("a", { epochs: 1000, checkpointMinutes: 0 });
    await worker.event("steps", ({ steps }) => (steps.at(-1)?.step ?? 0) > 4);
    worker.handle({ type: "exportRun", requestId: "export", runId: "a", format: "json" });
    const [file] = (await worker.event("runExported")).files;
    const { steps, epochs } = JSON.parse(new TextDecoder().decode(file?.bytes));
    expect(steps.length).toBeGreaterThan(4);
    expect(steps.map((s: { step: number }) => s.step)).toEqual(
      steps.map((_: unknown, i: number) => i + 1),
    );
    expect(epochs.length).toBe(Math.floor(steps.length / 3));
    await worker.stop("a");
  });
});
