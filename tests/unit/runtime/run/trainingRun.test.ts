import "@tensorflow/tfjs-backend-wasm";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import type { RunConfig } from "../../../../src/engine/config/hyperparameters.ts";
import { ProgramRefusedError } from "../../../../src/engine/ops/webgpu/compilePrograms.ts";
import type { QualityMeter } from "../../../../src/engine/quality/qualityMeter.ts";
import { WrongNumbersError } from "../../../../src/engine/train/deviceCheck.ts";
import type { WorkerEvent } from "../../../../src/runtime/run/events.ts";
import { RunRecorder } from "../../../../src/runtime/run/runRecorder.ts";
import { decoderOf } from "../../../../src/runtime/run/storedRun.ts";
import { TrainingRun, type TrainingRunOptions } from "../../../../src/runtime/run/trainingRun.ts";
import { KeptRuns } from "../../../../src/runtime/storage/keptRuns.ts";
import { MemoryKeeper } from "../../../../src/runtime/storage/memoryKeeper.ts";
import { RunLibrary } from "../../../../src/runtime/storage/runLibrary.ts";
import { qualityFigures } from "../../engine/train/exampleHistory.ts";
import { smallConfig, smallDataset } from "../../engine/train/smallRun.ts";

beforeAll(async () => {
  await tf.setBackend("wasm");
});

/** Of every step at which one is due: then no step waits for one. */
const ALL_DRAWN = [0, 2, 4, 6];

const CONFUSION = [[1]];

/** Tells no more of samples than how many they are. */
const COUNTING_METER = {
  isFitting: true,
  numClasses: 10,
  async *measure(samples: Uint8Array) {
    yield { doing: "classifying", fraction: 1 };
    return { figures: qualityFigures({ count: samples.length / 784, confusion: CONFUSION }) };
  },
} as unknown as QualityMeter;

/** A run of 2 steps an epoch whose clock stands still unless set. */
function startedRun(
  changes: Partial<RunConfig> = {},
  {
    backend = "wasm",
    drawnSteps = ALL_DRAWN,
    meter = () => Promise.reject(new Error("There is no classifier.")),
    start = { from: "weights", values: null },
    budget,
    onFault = () => {},
    prepareDevice = async ({ rehearse }, onProgress) => {
      rehearse();
      onProgress({ numCompiled: 1, numPrograms: 2 });
    },
  }: Partial<TrainingRunOptions> = {},
) {
  const now = vi.spyOn(performance, "now").mockReturnValue(1000);
  const events: WorkerEvent[] = [];
  const post = (event: WorkerEvent) => events.push(event);
  const runs = new KeptRuns({ keepers: [new MemoryKeeper()] });
  const recorder = new RunRecorder({
    identity: {
      runId: "run",
      name: "Run",
      createdMs: 0,
      preset: "tiny",
      startedFrom: null,
      config: smallConfig({ epochs: 2, ...changes }),
      dataset: { id: "files", name: "small", numTrain: 8, numValidation: 3, checksum: 0 },
    },
    library: new RunLibrary(post, null, runs),
    stored: null,
  });
  const run = new TrainingRun({
    recorder,
    drawnSteps,
    start,
    dataset: smallDataset(),
    maxMicroBatch: null,
    replicas: [],
    isSound: () => true,
    onFault,
    backend,
    meter,
    budget,
    prepareDevice,
    post,
  });
  onTestFinished(() => {
    run.dispose();
    vi.restoreAllMocks();
  });
  const statuses = () => events.flatMap((e) => (e.type === "runStatus" ? [e.status] : []));
  const steps = () =>
    events.flatMap((e) => (e.type === "steps" ? [e.steps.map(({ step }) => step)] : []));
  /** The newest checkpoint that is kept. */
  const kept = async () => {
    const { value: checkpoint, run } = await runs.open("run", decoderOf);
    return { checkpoint, record: run.record };
  };
  return { run, now, events, statuses, steps, kept };
}

describe("a training run", () => {
  it("of a network that no buffer of the device holds is refused before anything is prepared", () => {
    const computing = tf.backend() as { device?: unknown };
    computing.device = { limits: { maxStorageBufferBindingSize: 1000 } };
    onTestFinished(() => {
      delete computing.device;
    });
    expect(startedRun).toThrow(/parameters.*smaller network/);
  });

  it("begins preparing and tells what it will do", () => {
    const { events, run } = startedRun();
    expect(events).toMatchObject([
      { type: "runStatus", status: "preparing" },
      { type: "runStarted", stepsPerEpoch: 2, totalSteps: 4, microBatchSize: 4 },
    ]);
    expect(run.isWorking).toBe(true);
  });

  it("goes through training and validation of every epoch to its end", async () => {
    const { run, statuses } = startedRun();
    while (run.isWorking) await run.advance();
    const epoch = ["training", "validating"];
    expect(statuses()).toEqual(["preparing", ...epoch, ...epoch, "finished"]);
  });

  it("measures samples after its epochs, with the classifier it is given", async () => {
    const changes = { evaluateEvery: 2, samplingTimesteps: 2 };
    const { run, statuses, events } = startedRun(changes, {
      meter: async () => COUNTING_METER,
    });
    while (run.isWorking) await run.advance();
    const epoch = ["training", "validating"];
    expect(statuses()).toEqual(["preparing", ...epoch, ...epoch, "measuring", "finished"]);
    const posted = events.flatMap((e) => (e.type === "qualityProgress" ? [e] : []));
    // Three hundreds of samples, each with its noise and two steps; and the classifier.
    expect(posted.map(({ doing }) => doing)).toEqual([
      ...new Array<string>(9).fill("drawing"),
      "classifying",
    ]);
    const epochs = events.flatMap((e) => (e.type === "epoch" ? [e.epoch.quality] : []));
    const quality = qualityFigures({ count: 256, confusion: CONFUSION });
    expect(epochs).toEqual([undefined, quality]);
  });

  it.each([
    [10, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1]],
    [11, null],
  ])("asks for the classes that the classifier reads: of %i for %o", async (numClasses, begin) => {
    const meter = { ...COUNTING_METER, numClasses } as QualityMeter;
    const measure = vi.spyOn(meter, "measure");
    const changes = { evaluateEvery: 2, samplingTimesteps: 1, classes: 10 };
    const { run } = startedRun(changes, { meter: async () => meter });
    while (run.isWorking) await run.advance();
    expect(measure.mock.calls.map(([, asked]) => asked?.slice(0, 12) ?? null)).toEqual([begin]);
  });

  it("does not measure with a classifier of other images, and says so", async () => {
    const meter = { ...COUNTING_METER, isFitting: false } as QualityMeter;
    const { run, statuses, events } = startedRun(
      { evaluateEvery: 1 },
      { meter: async () => meter },
    );
    while (run.isWorking) await run.advance();
    expect(statuses().at(-1)).toBe("finished");
    const failed = events.flatMap((e) => (e.type === "qualityFailed" ? [e.message] : []));
    expect(failed).toEqual([expect.stringContaining("Train one in Results, Quality")]);
  });

  it("goes on to its end where there is no classifier, and says so once", async () => {
    const { run, statuses, events } = startedRun({ evaluateEvery: 1 });
    while (run.isWorking) await run.advance();
    expect(statuses().at(-1)).toBe("finished");
    expect(events.filter(({ type }) => type === "qualityFailed")).toEqual([
      { type: "qualityFailed", runId: "run", epoch: 1, message: "There is no classifier." },
    ]);
  });

  it("can be paused in the middle of measuring, and goes on there", async () => {
    const { run, statuses } = startedRun(
      { evaluateEvery: 2, samplingTimesteps: 2 },
      { meter: async () => COUNTING_METER },
    );
    while (statuses().at(-1) !== "measuring") await run.advance();
    await run.pause();
    expect(statuses().at(-1)).toBe("paused");
    run.resume();
    while (run.isWorking) await run.advance();
    expect(statuses().slice(-5)).toEqual([
      ...["measuring", "paused", "training", "measuring", "finished"],
    ]);
  });

  it("tells steps together that come within a tenth of a second, none twice and none never", async () => {
    const { run, now, steps } = startedRun({ epochs: 3 });
    await run.advance();
    expect(steps()).toEqual([[1]]);
    now.mockReturnValue(1099);
    await run.advance();
    expect(steps()).toEqual([[1]]);
    await run.advance(); // The validation tells what is left.
    expect(steps()).toEqual([[1], [2]]);
    await run.advance();
    await run.advance();
    expect(steps()).toEqual([[1], [2]]);
    now.mockReturnValue(1199);
    await run.advance();
    expect(steps()).toEqual([[1], [2], [3, 4]]);
  });

  it("tells its last steps before it pauses or stops", async () => {
    const { run, steps, statuses } = startedRun();
    await run.advance();
    await run.advance();
    await run.pause();
    expect(steps()).toEqual([[1], [2]]);
    await run.stop();
    expect(statuses()).toEqual(["preparing", "training", "paused", "stopped"]);
    expect(run.isWorking).toBe(false);
  });

  it("ends where a gradient has overflowed in the moments, before that is saved", async () => {
    const { run, statuses, events } = startedRun();
    await run.advance();
    const { session } = run;
    const checkpoint = await session.checkpoint();
    checkpoint.optimizerState.square?.fill(Number.POSITIVE_INFINITY, 3, 4);
    vi.spyOn(session, "checkpoint").mockResolvedValue(checkpoint);
    await run.pause();
    expect(statuses()).toEqual(["preparing", "training", "diverged"]);
    expect(events.at(-1)).toMatchObject({ type: "runFailed" });
  });

  it("blames the device, and not the learning rate, where that now computes wrong numbers", async () => {
    const onFault = vi.fn<TrainingRunOptions["onFault"]>();
    const prepareDevice: TrainingRunOptions["prepareDevice"] = async ({ isSuspected }) => {
      if (isSuspected) throw new WrongNumbersError("The loss is wrong.");
    };
    const { run, statuses, events } = startedRun({}, { prepareDevice, onFault });
    await run.advance();
    const { session } = run;
    const checkpoint = await session.checkpoint();
    checkpoint.values.fill(Number.NaN, 3, 4);
    vi.spyOn(session, "checkpoint").mockResolvedValue(checkpoint);
    await run.pause();
    expect(onFault.mock.calls).toEqual([[{ cause: "wrong", message: "The loss is wrong." }]]);
    expect(events.map(({ type }) => type)).not.toContain("runFailed");
    expect(statuses()).not.toContain("diverged");
  });

  it("can be paused before its first step", async () => {
    const { run, statuses } = startedRun();
    await run.pause();
    expect(run.isWorking).toBe(false);
    run.resume();
    expect(run.isWorking).toBe(true);
    expect(statuses()).toEqual(["preparing", "paused", "training"]);
  });

  it("stays as it ended, whatever is commanded", async () => {
    const { run, statuses } = startedRun({ epochs: 1 });
    while (run.isWorking) await run.advance();
    const ended = statuses();
    await run.pause();
    run.resume();
    await run.stop();
    expect(statuses()).toEqual(ended);
  });

  it("draws a snapshot at the step where it begins or goes on, unless there is one", async () => {
    for (const drawnSteps of [[], [0]]) {
      const { run, events } = startedRun({}, { drawnSteps });
      await run.advance();
      await run.pause();
      while (run.hasWork) await run.advance();
      const drawn = events.flatMap((e) => (e.type === "snapshots" ? e.snapshots : []));
      expect(drawn.map(({ step }) => step)).toEqual(drawnSteps.length > 0 ? [] : [0]);
    }
  });

  it("goes on with a snapshot while it is paused, and takes no step for that", async () => {
    const { run, events, steps } = startedRun({ previewTimesteps: 4 }, { drawnSteps: [] });
    await run.advance();
    await run.pause();
    expect(events.some(({ type }) => type === "sampleDone")).toBe(false);
    while (run.hasWork) await run.advance();
    expect(events.filter(({ type }) => type === "sampleFrame")).toHaveLength(5);
    expect(steps()).toEqual([[1]]);
  });

  it("takes no step before a snapshot that is due has the weights, and none is left out", async () => {
    const { run, events } = startedRun({ previewTimesteps: 8 }, { drawnSteps: [] });
    while (run.isWorking) await run.advance();
    const drawn = events.flatMap((e) => (e.type === "snapshots" ? e.snapshots : []));
    expect(drawn.map(({ step }) => step)).toEqual([0, 2, 4]);
  });

  it("trains on while a snapshot is drawn, though a young run is due for a checkpoint, until any would be", async () => {
    const changes = { batchSize: 1, previewTimesteps: 8, checkpointMinutes: 2 };
    const { run, now, events } = startedRun(changes, { drawnSteps: [] });
    const numSteps = async (advances: number) => {
      for (let i = 0; i < advances; i++) await run.advance();
      return run.session.numSteps;
    };
    expect(await numSteps(1)).toBe(1);
    now.mockReturnValue(1000 + 5000);
    expect(await numSteps(2)).toBe(3);
    now.mockReturnValue(1000 + 120_000);
    expect(await numSteps(3)).toBe(4);
    const types = () => events.map(({ type }) => type);
    expect(types()).not.toContain("sampleDone");
    while (!types().includes("sampleDone")) await run.advance();
    expect(run.session.numSteps).toBe(4);
  });

  it("has its programs compiled before the first step, once, and tells how far that is", async () => {
    const { run, events } = startedRun();
    await run.advance();
    await run.advance();
    const types = events.map(({ type }) => type);
    expect(types.filter((type) => type === "compileProgress")).toHaveLength(1);
    expect(types.indexOf("compileProgress")).toBeLessThan(types.indexOf("steps"));
  });

  it("tells of a program that is refused as a fault of the device, not of the run", async () => {
    const onFault = vi.fn<TrainingRunOptions["onFault"]>();
    const prepareDevice = () => Promise.reject(new ProgramRefusedError("conv: no."));
    const { run, events, statuses } = startedRun({}, { prepareDevice, onFault });
    await run.advance();
    expect(onFault.mock.calls).toEqual([[{ cause: "refused", message: "conv: no." }]]);
    expect(events.map(({ type }) => type)).not.toContain("runFailed");
    expect(statuses()).toEqual(["preparing"]);
  });

  it("tells a step that was begun ahead when it pauses, and goes on after it", async () => {
    const { run, steps, statuses } = startedRun({}, { backend: "webgpu" });
    await run.advance();
    expect(steps()).toEqual([[1]]);
    expect(run.session.numSteps).toBe(2);
    await run.pause();
    expect(steps()).toEqual([[1], [2]]);
    run.resume();
    while (run.isWorking) await run.advance();
    expect(steps().flat()).toEqual([1, 2, 3, 4]);
    expect(statuses().at(-1)).toBe("finished");
  });
});

describe("a training run with a budget", () => {
  async function ended(options: Partial<TrainingRunOptions>, changes: Partial<RunConfig> = {}) {
    const started = startedRun({ batchSize: 1, ...changes }, options);
    while (started.run.isWorking) await started.run.advance();
    return { ...started, stored: await started.kept() };
  }
  const drawn = (events: readonly WorkerEvent[]) =>
    events.flatMap((e) => (e.type === "snapshots" ? e.snapshots.map(({ step }) => step) : []));

  it.each(["wasm", "webgpu"] as const)(
    "of steps stops after exactly so many on %s, with the digits of the last",
    async (backend) => {
      const { run, steps, statuses, events } = await ended({ backend, budget: { steps: 3 } });
      expect(steps().flat()).toEqual([1, 2, 3]);
      expect(run.session.numSteps).toBe(3);
      expect(statuses()).toEqual(["preparing", "training", "stopped"]);
      expect(events).toContainEqual(
        expect.objectContaining({ type: "runStarted", budget: { steps: 3 } }),
      );
      expect(drawn(events)).toEqual([3]);
    },
  );

  it("is known to have spent it, until it goes on with a larger one", async () => {
    const spent = await ended({ budget: { steps: 3 } });
    expect(spent.stored.record).toMatchObject({ hasSpentBudget: true, isFinished: false });
    const stopped = startedRun({ batchSize: 1 }, { budget: { steps: 3 } });
    await stopped.run.advance();
    await stopped.run.stop();
    expect((await stopped.kept()).record).not.toHaveProperty("hasSpentBudget");
  });

  it("of an epoch stops after its validation", async () => {
    const { events, statuses } = await ended({ budget: { steps: 8 } });
    expect(statuses()).toEqual(["preparing", "training", "validating", "stopped"]);
    expect(events.filter(({ type }) => type === "epoch")).toHaveLength(1);
  });

  it("of all its steps finishes", async () => {
    expect((await ended({ budget: { steps: 16 } })).statuses().at(-1)).toBe("finished");
  });

  it("goes on with a larger one as if there had been none", async () => {
    const whole = await ended({ budget: { steps: 6 } });
    const first = await ended({ budget: { steps: 2 } });
    const { checkpoint } = first.stored;
    const start = { from: "checkpoint", checkpoint, epochs: [], best: null } as const;
    const second = await ended({ budget: { steps: 6 }, start });
    expect(second.steps().flat()).toEqual([3, 4, 5, 6]);
    expect(second.stored.checkpoint).toEqual(whole.stored.checkpoint);
  });

  it("takes no step where it is used up already", async () => {
    const first = await ended({ budget: { steps: 2 } });
    const { checkpoint } = first.stored;
    const start = { from: "checkpoint", checkpoint, epochs: [], best: null } as const;
    const again = await ended({ budget: { steps: 2 }, start, drawnSteps: [2] });
    expect(again.steps()).toEqual([]);
    expect(drawn(again.events)).toEqual([]);
    expect(again.statuses().at(-1)).toBe("stopped");
  });

  it("of minutes stops after the step that uses them up", async () => {
    const started = startedRun({ batchSize: 1 }, { budget: { minutes: 1 / 60 } });
    let nowMs = 1000;
    // The clock advances by 0.2 s whenever someone looks at it.
    started.now.mockImplementation(() => {
      nowMs += 200;
      return nowMs;
    });
    while (started.run.isWorking) await started.run.advance();
    const reports = started.events.flatMap((e) => (e.type === "steps" ? e.steps : []));
    const sums = reports.map((_, i) => reports.slice(0, i + 1).reduce((s, r) => s + r.stepMs, 0));
    expect(sums.at(-1)).toBeGreaterThanOrEqual(1000);
    expect(sums.at(-2) ?? 0).toBeLessThan(1000);
    expect(started.statuses().at(-1)).toBe("stopped");
  });
});
