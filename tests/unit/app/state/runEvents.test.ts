import { describe, expect, it } from "vitest";
import { statusWords } from "../../../../src/app/features/train/statusWords.ts";
import { applyEvent } from "../../../../src/app/state/applyEvent.ts";
import type { Broadcast, LoadedWeights, StoredRun } from "../../../../src/runtime/run/events.ts";
import { qualityFigures } from "../../engine/train/exampleHistory.ts";
import { afterEvents, config, stepAt, withRun } from "./eventStates.ts";

const NO_FALLBACK = { reason: null, advice: null, fallback: null };

describe("events of a run", () => {
  const started = {
    type: "runStarted",
    runId: "run-1",
    config,
    numParameters: 100,
    stepsPerEpoch: 10,
    totalSteps: 20,
    microBatchSize: 8,
    numThreads: 1,
    startedFrom: null,
  } as const;

  it("change its status, and answer the button that was pressed", () => {
    const state = applyEvent(withRun({ status: "training", asked: "pause" }), {
      type: "runStatus",
      runId: "run-1",
      status: "paused",
    });
    expect(state.run).toMatchObject({ status: "paused", asked: null });
  });

  it("say how long it is without changing the status", () => {
    const { run } = applyEvent(withRun({ status: "training" }), started);
    expect(run?.status).toBe("training");
    expect(run?.size).toEqual({
      numParameters: 100,
      stepsPerEpoch: 10,
      totalSteps: 20,
      microBatchSize: 8,
      numThreads: 1,
      startedFrom: null,
    });
  });

  it("say calmly that it goes on with fewer threads, until the next run", () => {
    const fewer = { type: "fewerThreads", runId: "run-1", numThreads: 4, numBefore: 6 } as const;
    const state = afterEvents(withRun({ status: "preparing" }), started, fewer);
    expect(state.notices).toMatchObject([
      { tone: "info", message: expect.stringMatching(/ 6 .* 4/), remedies: [] },
    ]);
    expect(applyEvent(state, started).notices).toEqual([]);
    expect(applyEvent(withRun(), { ...fewer, runId: "run-2" }).notices).toEqual([]);
  });

  it("tell how many programs are compiled, and where it was saved", () => {
    const { run } = afterEvents(
      withRun({ isDeleted: true }),
      { type: "compileProgress", runId: "run-1", numCompiled: 3, numPrograms: 12 },
      { type: "checkpointSaved", runId: "run-1", step: 7 },
    );
    expect(run?.compiling).toEqual({ numCompiled: 3, numPrograms: 12 });
    expect(run).toMatchObject({ checkpointStep: 7, isDeleted: false });
  });

  it("append steps and epochs, and leave the arrays before as they were", () => {
    const before = withRun({ steps: [stepAt(1)] });
    const epoch = {
      epoch: 1,
      step: 3,
      trainLoss: 0.2,
      validationLoss: 0.1,
      bucketLosses: [],
      wallTimeMs: 0,
    };
    const { run } = afterEvents(
      before,
      { type: "steps", runId: "run-1", steps: [stepAt(2), stepAt(3)] },
      { type: "epoch", runId: "run-1", epoch },
    );
    expect(run?.steps.map((s) => s.step)).toEqual([1, 2, 3]);
    expect(run?.epochs).toEqual([epoch]);
    expect(before.run?.steps).toHaveLength(1);
  });

  it("show the progress of a validation until it ends", () => {
    const validating = afterEvents(
      withRun(),
      { type: "runStatus", runId: "run-1", status: "validating" },
      { type: "validationProgress", runId: "run-1", numImages: 5, totalImages: 10, elapsedMs: 70 },
    );
    expect(validating.run?.validation).toEqual({ numImages: 5, totalImages: 10, elapsedMs: 70 });
    const training = { type: "runStatus", runId: "run-1", status: "training" } as const;
    expect(applyEvent(validating, training).run?.validation).toBeNull();
  });

  it("report a failure", () => {
    const failure = {
      type: "runFailed",
      runId: "run-1",
      message: "The loss is NaN.",
      details: null,
    } as const;
    const state = afterEvents(
      withRun({ status: "training", asked: "stop" }),
      { type: "runStatus", runId: "run-1", status: "failed" },
      failure,
    );
    expect(state.run).toMatchObject({ status: "failed", asked: null });
    expect(state.notices).toMatchObject([{ message: "The loss is NaN.", remedies: [] }]);
  });

  it("are none where the worker only refuses to start", () => {
    const events = (details: string | null): Broadcast[] => [
      { type: "runStatus", runId: "run-1", status: "stopped" },
      { type: "runFailed", runId: "run-1", message: "Another tab trains.", details },
    ];
    const titleAfter = (details: string | null) =>
      afterEvents(withRun({ status: "preparing" }), ...events(details)).notices[0]?.title;
    expect(titleAfter(null)).not.toMatch(/fail/i);
    expect(titleAfter("stack")).toMatch(/fail/i);
    // A new run has not even begun, unlike one that is stored.
    const refused = withRun({ status: "failed", size: null });
    expect(statusWords(refused)).not.toMatch(/fail/i);
    expect(statusWords(afterEvents(refused, started))).toMatch(/fail/i);
  });

  it("offer half the learning rate where the loss is no number, and name the checkpoint", () => {
    const stored = { runId: "run-1", step: 7 } as StoredRun;
    const other = { runId: "run-2", step: 9 } as StoredRun;
    const diverged: Broadcast[] = [
      { type: "runStatus", runId: "run-1", status: "diverged" },
      { type: "runFailed", runId: "run-1", message: "The loss is NaN.", details: null },
    ];
    const training = withRun({ status: "training" });
    const state = afterEvents(training, { type: "runs", runs: [other, stored] }, ...diverged);
    expect(state.notices).toMatchObject([
      {
        title: "The loss left the range of numbers",
        message: "The loss is NaN. The last good checkpoint is of step 7.",
        remedies: ["halveLearningRate"],
      },
    ]);
    // Its steps change nothing of it, its next start does.
    const loaded = { config } as LoadedWeights;
    const sampling = { ...state, weights: { ...state.weights, loaded } };
    const steps: Broadcast = { type: "steps", runId: "run-1", steps: [stepAt(8)] };
    const { notices, weights } = afterEvents(sampling, steps);
    expect([notices, weights]).toEqual([state.notices, sampling.weights]);
    const again = afterEvents(sampling, started);
    expect(again).toMatchObject({ notices: [], weights: { loaded: null } });
    expect(again.stored).toEqual(state.stored);
    // Without a checkpoint there is nothing to go on from.
    expect(afterEvents(training, ...diverged).notices).toMatchObject([
      { title: "The loss left the range of numbers", message: "The loss is NaN.", remedies: [] },
    ]);
    // A graphics card may be what computes it.
    const report = { ...NO_FALLBACK, backend: "webgpu", rung: "card", device: "Card" } as const;
    const onCard = afterEvents(training, { type: "backendReady", report });
    expect(afterEvents(onCard, ...diverged).notices).toMatchObject([{ remedies: ["useWasm"] }]);
    const stays = afterEvents(onCard, { type: "runs", runs: [stored] }, ...diverged);
    expect(stays.notices).toMatchObject([{ remedies: ["halveLearningRate", "useWasm"] }]);
  });

  it("that nobody had foreseen have details, and another try", () => {
    const state = afterEvents(
      withRun({ status: "training" }),
      { type: "runStatus", runId: "run-1", status: "failed" },
      { type: "runFailed", runId: "run-1", message: "undefined", details: "stack" },
    );
    expect(state.notices).toMatchObject([{ details: "stack", remedies: ["continueRun"] }]);
  });

  it("are dropped when they are of an older run", () => {
    const state = withRun();
    const runId = "run-0";
    const old: Broadcast[] = [
      { ...started, runId },
      { type: "runStatus", runId, status: "stopped" },
      { type: "runFailed", runId, message: "", details: null },
      { type: "steps", runId, steps: [stepAt(1)] },
      { type: "validationProgress", runId, numImages: 1, totalImages: 2, elapsedMs: 70 },
      {
        type: "epoch",
        runId,
        epoch: {
          epoch: 1,
          step: 1,
          trainLoss: 1,
          validationLoss: 1,
          bucketLosses: [],
          wallTimeMs: 0,
        },
      },
    ];
    for (const event of old) expect(applyEvent(state, event)).toBe(state);
  });
});

describe("a measurement after an epoch", () => {
  const measuring: Broadcast[] = [
    { type: "runStatus", runId: "run-1", status: "measuring" },
    {
      type: "qualityProgress",
      runId: "run-1",
      doing: "drawing",
      fraction: 0.5,
      elapsedMs: 70,
    },
  ];
  const epoch = {
    epoch: 1,
    step: 2,
    trainLoss: 1,
    validationLoss: 1,
    bucketLosses: [],
    wallTimeMs: 0,
  };

  it("is known while it goes on, and afterwards how long it took", () => {
    const during = afterEvents(withRun({ status: "validating" }), ...measuring);
    expect(during.run?.measurement).toEqual({ doing: "drawing", fraction: 0.5, elapsedMs: 70 });
    const validation = { numImages: 10, totalImages: 10, elapsedMs: 70 };
    const validated = { ...during, run: withRun({ ...during.run, validation }).run };
    const as = (status: "validating" | "measuring" | "training") =>
      applyEvent(validated, { type: "runStatus", runId: "run-1", status }).run;
    expect(as("measuring")).toMatchObject({ measurement: { fraction: 0.5 }, validation });
    expect(as("validating")).toMatchObject({ measurement: null, validation });
    expect(as("training")).toMatchObject({ measurement: null, validation: null });
    const quality = qualityFigures();
    const done = applyEvent(during, {
      type: "epoch",
      runId: "run-1",
      epoch: { ...epoch, quality },
    });
    expect(done.run).toMatchObject({ measurement: null, measurementMs: 70 });
    expect(done.run?.epochs.at(-1)?.quality).toEqual(quality);
    const failed = applyEvent(during, { type: "epoch", runId: "run-1", epoch });
    expect(failed.run).toMatchObject({ measurement: null, measurementMs: null });
  });

  it("that fails is told in words, of the run that is shown", () => {
    const failed = (runId: string): Broadcast => ({
      type: "qualityFailed",
      runId,
      epoch: 3,
      message: "Could not load the classifier.",
    });
    const state = withRun({ status: "measuring" });
    expect(afterEvents(state, failed("run-1")).notices).toMatchObject([
      {
        title: "Epoch 3 was not measured",
        message: "Could not load the classifier. Training continues.",
      },
    ]);
    expect(afterEvents(state, failed("another"))).toBe(state);
    const ended = afterEvents(withRun({ status: "finished" }), failed("run-1"));
    expect(ended.notices).toMatchObject([{ message: "Could not load the classifier." }]);
  });
});

describe("a snapshot that fails", () => {
  const failed: Broadcast = {
    type: "snapshotFailed",
    runId: "run-1",
    step: 50,
    message: "The memory is full.",
  };
  const started: Broadcast = {
    type: "sampleStarted",
    sampleId: "p",
    origin: "preview",
    start: "noise",
    count: 16,
    timesteps: 10,
    times: [],
    sources: null,
    trainedSteps: 50,
    source: { kind: "run", runId: "run-1" },
  };

  it("is told once in words, whether the page saw it begin or not", () => {
    const sampleFailed: Broadcast = { type: "sampleFailed", sampleId: "p", message: "Full." };
    for (const events of [[failed], [started, sampleFailed, failed]]) {
      const { notices, run } = afterEvents(withRun({ status: "training" }), ...events);
      expect(notices).toMatchObject([
        {
          title: "The snapshot of step 50 failed",
          message: expect.stringContaining("The memory is full. Training continues"),
        },
      ]);
      expect(run?.status).toBe("training");
    }
  });

  it("after the run has ended says nothing of what goes on", () => {
    const { notices } = afterEvents(withRun({ status: "stopped" }), failed);
    expect(notices).toMatchObject([{ message: "The memory is full." }]);
  });

  it("of an older run is nothing to tell", () => {
    const state = withRun();
    expect(applyEvent(state, { ...failed, runId: "run-0" })).toBe(state);
  });
});
