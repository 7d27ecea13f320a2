import "fake-indexeddb/auto";
import * as tf from "@tensorflow/tfjs-core";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { SNAPSHOT } from "../../../../src/engine/config/snapshotSteps.ts";
import { pickImages } from "../../../../src/engine/data/imageOrder.ts";
import { FramesInFlight } from "../../../../src/engine/train/framesInFlight.ts";
import type { Snapshot } from "../../../../src/runtime/run/events.ts";
import { readyWorker } from "../../hosts/worker/startedWorker.ts";
import { clearRuns, inDatabase, keptRecords, keptSnapshots } from "../storage/browserStorage.ts";

beforeEach(async () => {
  await clearRuns();
});

type Worker = Awaited<ReturnType<typeof readyWorker>>;

const FRAME = SNAPSHOT.count * 784;
/** 3 steps an epoch, and what is drawn takes 3 frames. */
const CONFIG = { epochs: 3, previewTimesteps: 2, learningRate: 1e-2, checkpointMinutes: 0 };

async function stored(runId: string) {
  return { runs: await keptRecords(), snapshots: await keptSnapshots(runId) };
}

/** Names alone, which are read in a moment. */
const storedParts = () =>
  inDatabase(async (database) =>
    ((await database.getAllKeys("parts")) as [string, string][]).map(([, name]) => name),
  );

async function trained(worker: Worker, runId: string, changes = {}) {
  worker.train(runId, { ...CONFIG, ...changes });
  await worker.status(runId, "finished");
}

const postedBy = (worker: Worker, from = 0): Snapshot[] =>
  worker.allOf("snapshots", from).flatMap(({ snapshots }) => snapshots);
const stepsIn = (snapshots: readonly { step: number }[]) => snapshots.map(({ step }) => step);
const frameOf = ({ pixels, numFrames }: Pick<Snapshot, "pixels" | "numFrames">, index: number) =>
  pixels.subarray((index % numFrames) * FRAME, ((index % numFrames) + 1) * FRAME);

describe("the snapshots of a run", () => {
  it("are of the start and of every epoch's end, with all frames, told and stored", async () => {
    const worker = await readyWorker();
    await trained(worker, "a");
    const posted = postedBy(worker);
    expect(stepsIn(posted)).toEqual([0, 3, 6, 9]);
    for (const { count, numFrames, pixels } of posted) {
      expect([count, numFrames, pixels.length]).toEqual([16, 3, 3 * FRAME]);
    }
    const { snapshots, runs } = await stored("a");
    expect(snapshots).toEqual(posted);
    const last = frameOf(posted.at(-1) as Snapshot, 2);
    expect(runs).toMatchObject([{ picture: { count: 8, pixels: last.slice(0, 8 * 784) } }]);
  });

  it("of a network with classes are rows by class, each digit asked for by its label and guided", async () => {
    const worker = await readyWorker();
    const classes = { classes: 10, guidance: 2 };
    await trained(worker, "a", { ...classes, epochs: 1, previewTimesteps: 1 });
    const posted = postedBy(worker);
    const sizes = posted.map(({ count, numFrames, pixels }) => [count, numFrames, pixels.length]);
    expect(sizes).toEqual(posted.map(() => [100, 2, 2 * 100 * 784]));
    const digits = posted.at(-1)?.pixels.subarray(100 * 784) as Uint8Array;
    const condition = {
      labels: Array.from({ length: 100 }, (_, i) => Math.floor(i / 10)),
      guidance: 2,
    };
    worker.sample("asked", { timesteps: 1, count: 100, condition });
    expect(await worker.digits("asked")).toEqual(digits);
    // In the list of runs one of each class.
    const first = pickImages(digits, [0, 10, 20, 30, 40, 50, 60, 70]);
    const { runs } = await stored("a");
    expect(runs).toMatchObject([{ picture: { count: 8, pixels: first } }]);
  });

  it("begin with the same noise, out of which other weights make something else", async () => {
    const worker = await readyWorker();
    await trained(worker, "a");
    const [first, second] = postedBy(worker) as [Snapshot, Snapshot];
    expect(frameOf(second, 0)).toEqual(frameOf(first, 0));
    expect(frameOf(second, 2)).not.toEqual(frameOf(first, 2));
  });

  it("are of the weights after that very step, however long they take", async () => {
    const worker = await readyWorker();
    await trained(worker, "short", { epochs: 1 });
    await trained(worker, "long", { epochs: 1, previewEvery: 2, previewTimesteps: 7 });
    const digits = postedBy(worker).filter(({ step }) => step === 3);
    await trained(worker, "again", { epochs: 1, previewTimesteps: 7 });
    const again = postedBy(worker).at(-1) as Snapshot;
    expect(digits[1]?.pixels).toEqual(again.pixels);
    expect(stepsIn(postedBy(worker)).filter((step) => step === 2)).toHaveLength(1);
  });

  it("are drawn frame by frame while the steps go on, as previews of the page", async () => {
    const worker = await readyWorker();
    worker.train("a", { ...CONFIG, epochs: 1000 });
    await worker.event("snapshots");
    const turns = worker.events.flatMap(({ type }) =>
      type === "sampleFrame" ? ["frame"] : type === "steps" ? ["step"] : [],
    );
    expect(turns.slice(0, 4)).toEqual(["step", "frame", "step", "frame"]);
    expect(worker.allOf("sampleStarted")[0]).toMatchObject({
      origin: "preview",
      source: { kind: "run", runId: "a" },
      start: "noise",
      count: 16,
      timesteps: 2,
      trainedSteps: 0,
    });
    expect(worker.allOf("sampleFrame").slice(0, 3)).toMatchObject([
      ...[{ index: 0 }, { index: 1 }, { index: 2 }],
    ]);
    expect(worker.allOf("sampleDone")[0]?.elapsedMs).toBeGreaterThan(0);
    await worker.stop("a");
  });

  it("are not displaced by what a person asks for, nor displace it", async () => {
    const worker = await readyWorker();
    worker.train("a", { ...CONFIG, epochs: 1000, previewTimesteps: 5 });
    const preview = await worker.event("sampleStarted");
    worker.sample("digits", { timesteps: 5 });
    await worker.digits("digits");
    await worker.event("sampleDone", worker.isOf(preview.sampleId));
    expect(worker.allOf("sampleCancelled")).toEqual([]);
    await worker.stop("a");
  });

  it("hold up neither Pause nor Stop, are drawn on after it, and stored then: none is missing", async () => {
    const worker = await readyWorker();
    worker.train("a", { ...CONFIG, epochs: 1000, previewEvery: 1, previewTimesteps: 9 });
    const command = async (type: "pause" | "stop", status: "paused" | "stopped") => {
      const from = worker.events.length;
      worker.handle({ type, runId: "a" });
      await worker.event("runStatus", (e) => e.status === status, from);
      const [step, names] = [worker.stepsOf("a").at(-1) ?? 0, await storedParts()];
      expect(worker.allOf("sampleFrame", from).length).toBeLessThan(8);
      expect(names.some((name) => name.startsWith(`checkpoint-${step}-`))).toBe(true);
      expect(names.some((name) => name.startsWith(`snapshot-${step}-`))).toBe(false);
      await worker.event("snapshots", (e) => e.snapshots.some((s) => s.step === step), from);
      const after = await stored("a");
      expect(stepsIn(after.snapshots)).toEqual(Array.from({ length: step + 1 }, (_, i) => i));
      const last = frameOf(after.snapshots.at(-1) as Snapshot, 9).slice(0, 8 * 784);
      expect(after.runs).toMatchObject([{ step, picture: { pixels: last } }]);
    };
    await worker.event("steps", ({ steps }) => steps.some(({ step }) => step >= 2));
    await command("pause", "paused");
    worker.handle({ type: "resume", runId: "a" });
    await worker.event("steps", () => true, worker.events.length);
    await command("stop", "stopped");
  });

  it("hold up no checkpoint of a page that is hidden, and are stored while training goes on", async () => {
    const worker = await readyWorker();
    worker.train("a", { ...CONFIG, epochs: 1000, previewTimesteps: 12 });
    await worker.event("steps", ({ steps }) => steps.some(({ step }) => step >= 2));
    const from = worker.events.length;
    worker.handle({ type: "saveCheckpoint" });
    const { step } = await worker.event("checkpointSaved", () => true, from);
    expect(worker.allOf("snapshots")).toEqual([]);
    expect(step).toBe(2);
    await worker.event("snapshots", (e) => e.snapshots.some((s) => s.step === 0));
    // Before any other checkpoint.
    expect(stepsIn((await stored("a")).snapshots)).toEqual([0]);
    await worker.stop("a");
  });

  it("come before the checkpoint at an epoch's end, and commands in between", async () => {
    const worker = await readyWorker();
    worker.train("a", { ...CONFIG, epochs: 1000, previewTimesteps: 16 });
    await worker.event("epoch");
    const from = worker.events.length;
    worker.sample("digits", { timesteps: 2 });
    await worker.digits("digits");
    expect(worker.allOf("snapshots").length).toBeLessThan(2);
    const isOfEpoch = ({ step }: { step: number }) => step === 3;
    await worker.event("checkpointSaved", isOfEpoch, from);
    expect(stepsIn((await stored("a")).snapshots)).toEqual([0, 3]);
    await worker.stop("a");
  });

  it("do not bring back a run that was deleted meanwhile", async () => {
    const worker = await readyWorker();
    worker.train("a", { ...CONFIG, epochs: 1000, previewTimesteps: 16 });
    await worker.event("steps");
    await worker.stop("a");
    worker.handle({ type: "deleteRun", runId: "a" });
    await worker.event("snapshots");
    worker.handle({ type: "saveCheckpoint" });
    worker.handle({ type: "cancel", requestId: "none" });
    await worker.event("requestCancelled");
    expect(await stored("a")).toEqual({ runs: [], snapshots: [] });
  });

  it("of many steps are kept with 51 frames, the first and the last among them", async () => {
    const worker = await readyWorker();
    await trained(worker, "a", { epochs: 1, previewTimesteps: 60 });
    const [first] = postedBy(worker) as [Snapshot];
    const { sampleId } = worker.allOf("sampleStarted")[0] as { sampleId: string };
    const frames = worker.allOf("sampleFrame").filter(worker.isOf(sampleId));
    expect([first.numFrames, first.pixels.length, frames.length]).toEqual([51, 51 * FRAME, 61]);
    for (const [kept, index] of [
      [0, 0],
      [3, 4],
      [25, 30],
      [50, 60],
    ] as const) {
      expect(frameOf(first, kept)).toEqual(frames[index]?.pixels);
    }
    const from = worker.events.length;
    worker.handle({ type: "openRun", runId: "a" });
    await worker.event("sampleDone", () => true, from);
    const shown = worker.allOf("sampleFrame", from).map(({ index }) => index);
    expect([shown.length, shown[3], shown[25], shown.at(-1)]).toEqual([51, 4, 30, 60]);
    expect(worker.allOf("sampleStarted", from)).toMatchObject([{ timesteps: 60 }]);
  });

  it("go on where a run goes on, none twice and none left out", async () => {
    const first = await readyWorker();
    first.train("a", { ...CONFIG, previewEvery: 2 });
    await first.event("steps", ({ steps }) => steps.some(({ step }) => step >= 4));
    await first.stop("a");
    const second = await readyWorker();
    second.handle({ type: "continueRun", runId: "a", learningRateFactor: 1, maxMicroBatch: null });
    await second.status("a", "finished");
    const straight = await readyWorker();
    await trained(straight, "straight", { previewEvery: 2 });
    const pixelsOf = async (runId: string) =>
      (await stored(runId)).snapshots.map(({ step, pixels }) => [step, pixels]);
    expect(stepsIn((await stored("a")).snapshots)).toEqual([0, 2, 3, 4, 6, 8, 9]);
    expect(await pixelsOf("a")).toEqual(await pixelsOf("straight"));
  });

  it("that fails is told, and is the end of nothing else", async () => {
    const worker = await readyWorker();
    const { numTensors } = tf.memory();
    const next = vi.spyOn(FramesInFlight.prototype, "next");
    next.mockRejectedValueOnce(new Error("The memory is full."));
    await trained(worker, "a");
    expect(worker.allOf("sampleFailed")).toMatchObject([{ message: "The memory is full." }]);
    expect(worker.allOf("snapshotFailed")).toEqual([
      { type: "snapshotFailed", runId: "a", step: 0, message: "The memory is full." },
    ]);
    expect(stepsIn(postedBy(worker))).toEqual([3, 6, 9]);
    worker.train("b", CONFIG);
    await worker.event("steps", ({ runId }) => runId === "b");
    await worker.stop("b");
    await worker.event("snapshots", ({ runId }) => runId === "b");
    // What a run holds, and no sampler.
    const held = tf.memory().numTensors - numTensors;
    expect(held).toBeLessThan(5);
  });

  it("that fail one after the other are told once", async () => {
    const worker = await readyWorker();
    const next = vi.spyOn(FramesInFlight.prototype, "next");
    next.mockRejectedValue(new Error("The memory is full."));
    await trained(worker, "a");
    expect(worker.allOf("sampleFailed")).toHaveLength(4);
    expect(worker.allOf("snapshotFailed")).toHaveLength(1);
  });

  it("are told of a run that is opened, up to its checkpoint, the newest as a preview besides", async () => {
    const worker = await readyWorker();
    await trained(worker, "a");
    const posted = postedBy(worker);
    const from = worker.events.length;
    worker.handle({ type: "openRun", runId: "a" });
    await worker.event("snapshots", () => true, from);
    expect(postedBy(worker, from)).toEqual(posted);
    const frames = worker.allOf("sampleFrame", from);
    const newest = posted.at(-1) as Snapshot;
    expect(frames.map(({ index }) => index)).toEqual([0, 1, 2]);
    expect(frames.map(({ pixels }) => pixels)).toEqual([0, 1, 2].map((i) => frameOf(newest, i)));
    expect(worker.allOf("sampleStarted", from)).toMatchObject([
      { origin: "preview", trainedSteps: 9, count: 16, timesteps: 2 },
    ]);
  });

  it("leave training as it is, bit for bit", async () => {
    const worker = await readyWorker();
    await trained(worker, "often", { previewEvery: 1 });
    await trained(worker, "seldom");
    const losses = (runId: string) =>
      worker.allOf("steps").flatMap((e) => (e.runId === runId ? e.steps.map((s) => s.loss) : []));
    expect(losses("often")).toEqual(losses("seldom"));
  });
});
