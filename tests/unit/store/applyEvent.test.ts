import { describe, expect, it } from "vitest";
import { presetConfig } from "../../../src/config/presets.ts";
import { applyEvent } from "../../../src/store/applyEvent.ts";
import { startLoading } from "../../../src/store/dataset.ts";
import { newRun } from "../../../src/store/run.ts";
import { requestSample } from "../../../src/store/samples.ts";
import { type AppState, initialState } from "../../../src/store/state.ts";
import type { StepMetrics, StoredRun, WorkerEvent } from "../../../src/worker/protocol.ts";
import { qualityFigures } from "../train/exampleHistory.ts";

const config = presetConfig("tiny");

function withRun(changes: Partial<AppState["run"]> = {}): AppState {
  return {
    ...initialState("tiny", config),
    run: { ...newRun({ runId: "run-1", name: "Run", datasetName: "MNIST", config }), ...changes },
  };
}

function withLoading(): AppState {
  const state = initialState("tiny", config);
  return { ...state, dataset: { current: null, loading: startLoading("dataset-1", "MNIST") } };
}

function afterEvents(state: AppState, ...events: WorkerEvent[]): AppState {
  return events.reduce(applyEvent, state);
}

function stepAt(step: number, loss = 0.1): StepMetrics {
  return { step, loss, gradNorm: 1, learningRate: 1e-3, stepMs: 20, wallTimeMs: 0 };
}

describe("events of the backend", () => {
  it("keep what the worker computes on", () => {
    const report = {
      backend: "wasm",
      device: "2 threads",
      reason: "no GPU",
      advice: null,
    } as const;
    const state = applyEvent(initialState("tiny", config), { type: "backendReady", report });
    expect(state.backend).toEqual({ status: "ready", report });
  });

  it("say that there is none, and take back a Train that waits", () => {
    const waiting = { ...initialState("tiny", config), trainRequested: true };
    const state = applyEvent(waiting, { type: "backendFailed", message: "No WebAssembly." });
    expect(state.backend).toEqual({ status: "failed", message: "No WebAssembly." });
    expect(state.trainRequested).toBe(false);
    expect(state.notices).toMatchObject([{ message: "No WebAssembly.", remedies: ["reloadPage"] }]);
  });
});

describe("events of the dataset", () => {
  const progress = {
    type: "datasetProgress",
    datasetId: "dataset-1",
    loadedBytes: 10,
    totalBytes: 100,
    numImages: 6,
    totalImages: 60,
  } as const;
  const ready = {
    type: "datasetReady",
    datasetId: "dataset-1",
    name: "MNIST",
    numTrain: 50,
    numValidation: 10,
  } as const;

  it("show how far it has loaded", () => {
    const { loading } = applyEvent(withLoading(), progress).dataset;
    expect(loading).toMatchObject({ name: "MNIST", loadedBytes: 10, numImages: 6 });
  });

  it("make it the current one when it is ready", () => {
    const { dataset } = afterEvents(withLoading(), progress, ready);
    const current = { name: "MNIST", numTrain: 50, numValidation: 10 };
    expect(dataset).toEqual({ current, loading: null });
  });

  it("are dropped when another one has been asked for since", () => {
    const state = withLoading();
    expect(applyEvent(state, { ...progress, datasetId: "dataset-0" })).toBe(state);
    expect(applyEvent(state, { ...ready, datasetId: "dataset-0" })).toBe(state);
  });

  it("offer another try when MNIST failed and there is nothing else", () => {
    const waiting = { ...withLoading(), trainRequested: true };
    const failed = { type: "datasetFailed", datasetId: "dataset-1", message: "404" } as const;
    const state = applyEvent(waiting, failed);
    expect(state.dataset).toEqual({ current: null, loading: null });
    expect(state.trainRequested).toBe(false);
    expect(state.notices).toMatchObject([
      { title: "MNIST did not load", message: "404", remedies: ["retryMnist"] },
    ]);
  });

  it("keep the dataset before it when a dropped one failed", () => {
    const loaded = afterEvents(withLoading(), ready);
    const loading = startLoading("dataset-2", "Your files");
    const state = applyEvent(
      { ...loaded, dataset: { ...loaded.dataset, loading } },
      { type: "datasetFailed", datasetId: "dataset-2", message: "not IDX" },
    );
    expect(state.dataset).toEqual({ current: loaded.dataset.current, loading: null });
    expect(state.notices).toMatchObject([{ remedies: [] }]);
  });

  it("take back the error of an earlier try, whether they tell success or another error", () => {
    const failedOnce = afterEvents(withLoading(), {
      ...{ type: "datasetFailed", datasetId: "dataset-1", message: "truncated" },
    });
    const again = {
      ...failedOnce,
      dataset: { ...failedOnce.dataset, loading: startLoading("dataset-2", "MNIST") },
    };
    const at = { datasetId: "dataset-2", name: "MNIST", numTrain: 6, numValidation: 1 };
    expect(failedOnce.notices).toMatchObject([{ message: "truncated" }]);
    expect(applyEvent(again, { type: "datasetReady", ...at }).notices).toEqual([]);
    const failedTwice = applyEvent(again, {
      ...{ type: "datasetFailed", datasetId: "dataset-2", message: "not found" },
    });
    expect(failedTwice.notices).toMatchObject([{ message: "not found" }]);
  });
});

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

  it("offer half the learning rate where the loss is no number, and name the checkpoint", () => {
    const stored = { runId: "run-1", step: 7 } as StoredRun;
    const diverged: WorkerEvent[] = [
      { type: "runStatus", runId: "run-1", status: "diverged" },
      { type: "runFailed", runId: "run-1", message: "The loss is NaN.", details: null },
    ];
    const training = withRun({ status: "training" });
    const state = afterEvents(training, { type: "runs", runs: [stored] }, ...diverged);
    expect(state.notices).toMatchObject([
      {
        title: "Training is paused",
        message: "The loss is NaN. The last good checkpoint is of step 7.",
        remedies: ["halveLearningRate"],
      },
    ]);
    expect(afterEvents(state, started).notices).toEqual([]);
    // Without a checkpoint there is nothing to go on from.
    expect(afterEvents(training, ...diverged).notices).toMatchObject([
      { title: "Training is paused", message: "The loss is NaN.", remedies: [] },
    ]);
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
    const old: WorkerEvent[] = [
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

describe("a fault", () => {
  const fault = {
    type: "fault",
    cause: "error",
    message: "Out of memory",
    details: "at kernel",
  } as const;

  it("leaves nothing that waits for the worker", () => {
    const report = { backend: "wasm", device: "", reason: null, advice: null } as const;
    const waiting = afterEvents(
      { ...withRun(), dataset: withLoading().dataset, trainRequested: true },
      { type: "backendReady", report },
    );
    const source = { kind: "run", runId: "run-1" } as const;
    const request = {
      ...{ count: 1, timesteps: 4, times: [], trainedSteps: 0, source, sources: null },
      start: "noise",
    } as const;
    const { backend, dataset, trainRequested, samples } = afterEvents(
      { ...waiting, samples: requestSample(waiting.samples, "s1") },
      { type: "sampleStarted", sampleId: "p1", origin: "preview", ...request },
      { type: "sampleDone", sampleId: "p1", elapsedMs: 1 },
      { type: "sampleStarted", sampleId: "s1", origin: "person", ...request },
      fault,
    );
    expect(backend).toEqual({ status: "failed", message: "Out of memory" });
    expect(dataset.loading).toBeNull();
    expect(trainRequested).toBe(false);
    expect(samples.requestedId).toBeNull();
    expect(samples.generations.map((g) => g.status)).toEqual(["done", "failed"]);
  });

  it("ends the run that was going on, and only that", () => {
    expect(applyEvent(withRun({ status: "training" }), fault).run?.status).toBe("failed");
    expect(applyEvent(withRun({ status: "finished" }), fault).run?.status).toBe("finished");
  });
});

describe("a measurement after an epoch", () => {
  const measuring: WorkerEvent[] = [
    { type: "runStatus", runId: "run-1", status: "measuring" },
    {
      ...{ type: "qualityProgress", runId: "run-1", doing: "drawing" },
      fraction: 0.5,
      elapsedMs: 70,
    },
  ];
  const epoch = {
    ...{ epoch: 1, step: 2, trainLoss: 1, validationLoss: 1, bucketLosses: [], wallTimeMs: 0 },
  };

  it("is known while it goes on, and afterwards how long it took", () => {
    const during = afterEvents(withRun({ status: "validating" }), ...measuring);
    expect(during.run?.measurement).toEqual({ doing: "drawing", fraction: 0.5, elapsedMs: 70 });
    const quality = qualityFigures();
    const done = applyEvent(during, {
      ...{ type: "epoch", runId: "run-1", epoch: { ...epoch, quality } },
    });
    expect(done.run).toMatchObject({ measurement: null, measurementMs: 70 });
    expect(done.run?.epochs.at(-1)?.quality).toEqual(quality);
    const failed = applyEvent(during, { type: "epoch", runId: "run-1", epoch });
    expect(failed.run).toMatchObject({ measurement: null, measurementMs: null });
  });

  it("that fails is told in words, of the run that is shown", () => {
    const failed = (runId: string): WorkerEvent => ({
      ...{ type: "qualityFailed", runId, epoch: 3, message: "Could not load the classifier." },
    });
    const state = withRun({ status: "measuring" });
    expect(afterEvents(state, failed("run-1")).notices).toMatchObject([
      {
        title: "Epoch 3 was not measured",
        message: "Could not load the classifier. Training goes on.",
      },
    ]);
    expect(afterEvents(state, failed("another"))).toBe(state);
  });
});

describe("a snapshot that fails", () => {
  const failed: WorkerEvent = {
    ...{ type: "snapshotFailed", runId: "run-1", step: 50 },
    message: "The memory is full.",
  };
  const started: WorkerEvent = {
    ...{ type: "sampleStarted", sampleId: "p", origin: "preview", start: "noise", count: 16 },
    ...{ timesteps: 10, times: [], sources: null, trainedSteps: 50 },
    source: { kind: "run", runId: "run-1" },
  };

  it("is told once in words, whether the page saw it begin or not", () => {
    const sampleFailed: WorkerEvent = { type: "sampleFailed", sampleId: "p", message: "Full." };
    for (const events of [[failed], [started, sampleFailed, failed]]) {
      const { notices, run } = afterEvents(withRun({ status: "training" }), ...events);
      expect(notices).toMatchObject([
        {
          title: "The snapshot of step 50 failed",
          message: expect.stringContaining("The memory is full. Training goes on"),
        },
      ]);
      expect(run?.status).toBe("training");
    }
  });

  it("of an older run is nothing to tell", () => {
    const state = withRun();
    expect(applyEvent(state, { ...failed, runId: "run-0" })).toBe(state);
  });
});
