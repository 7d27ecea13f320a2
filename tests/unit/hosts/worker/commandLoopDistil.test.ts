import "fake-indexeddb/auto";
import { beforeEach, describe, expect, it } from "vitest";
import type { RunConfig } from "../../../../src/engine/config/hyperparameters.ts";
import { decodeCheckpoint } from "../../../../src/runtime/files/checkpointFile.ts";
import { decodeWeights } from "../../../../src/runtime/files/weightsFile.ts";
import { smallConfig } from "../../engine/train/smallRun.ts";
import { fileOf, foreignBytes, networkValues, tensorsOf } from "../../engine/train/weightsFiles.ts";
import { clearRuns, keptCheckpoint } from "../../runtime/storage/browserStorage.ts";
import { readyWorker } from "./startedWorker.ts";

beforeEach(async () => {
  await clearRuns();
});

type Worker = Awaited<ReturnType<typeof readyWorker>>;

const AVERAGED = { emaDecay: 0.5, emaUpdateAfter: 0, emaUpdateEvery: 1 };
/** From 8 steps to 2: two phases of four steps. */
const DISTILLED = {
  ...AVERAGED,
  distilFrom: 8,
  epochs: 2,
  phaseSteps: 4,
} as const satisfies Partial<RunConfig>;

async function trained(worker: Worker, runId: string, changes: Partial<RunConfig>) {
  worker.train(runId, changes);
  await worker.status(runId, "finished");
}

/** What a distillation that begins now learns from. */
async function teacherNow(worker: Worker) {
  worker.train("student", { ...DISTILLED, phaseSteps: 1000 });
  expect((await worker.event("runStarted", ({ runId }) => runId === "student")).startedFrom).toBe(
    worker.allOf("weightsLoaded").at(-1)?.weights.fileName,
  );
  await worker.event("steps", ({ runId }) => runId === "student");
  return (await checkpointAt("student", await worker.stop("student"))).teacher;
}

/** Loads the weights of a stored run, and gives the answer. */
function loadRun(worker: Worker, runId: string) {
  const from = worker.events.length;
  worker.handle({ type: "loadRunWeights", requestId: "weights", runId, name: "Mine" });
  return Promise.race([
    worker.event("weightsLoaded", () => true, from),
    worker.event("requestFailed", () => true, from),
  ]);
}

async function checkpointAt(runId: string, step: number) {
  const bytes = await keptCheckpoint(runId, step);
  if (!bytes) throw new Error(`The checkpoint of step ${step} is not stored.`);
  return decodeCheckpoint(smallConfig(DISTILLED), bytes);
}

async function sampledValues(worker: Worker) {
  const [saved] = await worker.saveWeights();
  return decodeWeights(saved?.bytes ?? new Uint8Array()).values;
}

describe("the weights of a stored run", () => {
  it("are what the next run begins with: those that are sampled", async () => {
    const worker = await readyWorker();
    await trained(worker, "teacher", { ...AVERAGED, epochs: 1 });
    const average = await sampledValues(worker);
    worker.handle({ type: "forgetWeights" });
    const other = await readyWorker();
    expect(await loadRun(other, "teacher")).toMatchObject({
      type: "weightsLoaded",
      weights: { fileName: "Mine", hasSettings: true, dataset: "first" },
    });
    expect(await sampledValues(other)).toEqual(average);
    expect(await teacherNow(other)).toEqual(average);
  });

  it("of a student come with the steps that it was made for", async () => {
    const worker = await readyWorker();
    await trained(worker, "teacher", { ...AVERAGED, epochs: 1 });
    await loadRun(worker, "teacher");
    await trained(worker, "student", DISTILLED);
    const { weights } = (await loadRun(worker, "student")) as { weights: { config: RunConfig } };
    expect(weights.config).toMatchObject({ distilFrom: 8, samplingTimesteps: 2 });
    // More than it was made for.
    worker.train("further", DISTILLED);
    expect(await worker.event("runFailed")).toMatchObject({
      message: expect.stringContaining("made for 2 steps"),
    });
    await trained(worker, "next", { ...DISTILLED, distilFrom: 2, epochs: 1 });
  });

  it("that is gone are not loaded, and what was loaded before stays", async () => {
    const worker = await readyWorker();
    const file = fileOf(foreignBytes(tensorsOf(smallConfig(), networkValues(smallConfig()))));
    await worker.loadWeights(file);
    const before = await sampledValues(worker);
    expect(await loadRun(worker, "gone")).toMatchObject({
      type: "requestFailed",
      message: expect.stringContaining("no longer stored"),
    });
    expect(await sampledValues(worker)).toEqual(before);
  });

  it("are not loaded during a run", async () => {
    const worker = await readyWorker();
    await trained(worker, "teacher", { ...AVERAGED, epochs: 1 });
    worker.train("other");
    await worker.event("steps", ({ runId }) => runId === "other");
    expect(await loadRun(worker, "teacher")).toMatchObject({
      message: "Stop the run before you load other weights.",
    });
  });
});

describe("a distillation", () => {
  it("has the average of a file that has one besides as its teacher", async () => {
    const config = smallConfig(AVERAGED);
    const average = networkValues(config, 2);
    const both = new Map([
      ...tensorsOf(config, networkValues(config), "online_model."),
      ...tensorsOf(config, average, "ema_model."),
    ]);
    const worker = await readyWorker();
    await worker.loadWeights(fileOf(foreignBytes(both)));
    expect(await teacherNow(worker)).toEqual(average);
  });

  it("does not begin without a teacher, or with another's schedule", async () => {
    const worker = await readyWorker();
    worker.train("alone", DISTILLED);
    const alone = await worker.event("runFailed");
    expect(alone.message).toContain("Expected the weights of a trained network to learn from");
    await trained(worker, "teacher", { ...AVERAGED, epochs: 1 });
    await loadRun(worker, "teacher");
    worker.train("other", { ...DISTILLED, timesteps: 50 });
    const other = await worker.event("runFailed", ({ runId }) => runId === "other");
    expect(other.message).toContain("set it to 100");
  });

  it("goes on in another worker, from the middle of a phase, to the same bits", async () => {
    const straight = await readyWorker();
    await trained(straight, "teacher", { ...AVERAGED, epochs: 1 });
    await loadRun(straight, "teacher");
    await trained(straight, "straight", DISTILLED);

    const killed = await readyWorker();
    await loadRun(killed, "teacher");
    killed.train("killed", DISTILLED);
    await killed.event("steps", ({ steps }) => steps.some(({ step }) => step === 6));
    killed.handle({ type: "pause", runId: "killed" });
    await killed.status("killed", "paused");
    const paused = killed.stepsOf("killed").at(-1) ?? 0;
    expect(paused % 4).not.toBe(0);

    const next = await readyWorker();
    next.handle({
      type: "continueRun",
      runId: "killed",
      learningRateFactor: 1,
      maxMicroBatch: null,
    });
    await next.status("killed", "finished");
    expect(next.stepsOf("killed")[0]).toBe(paused + 1);
    expect(await checkpointAt("killed", 8)).toEqual(await checkpointAt("straight", 8));
  });
});
