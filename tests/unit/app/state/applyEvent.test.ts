import { describe, expect, it } from "vitest";
import { applyEvent } from "../../../../src/app/state/applyEvent.ts";
import { startLoading } from "../../../../src/app/state/slices/dataset.ts";
import { requestSample } from "../../../../src/app/state/slices/samples.ts";
import { type AppState, initialState } from "../../../../src/app/state/state.ts";
import { identityOf } from "../../../../src/engine/data/datasets.ts";
import type { Broadcast } from "../../../../src/runtime/run/events.ts";
import { afterEvents, config, withRun } from "./eventStates.ts";

const MNIST = identityOf("mnist");

function withLoading(): AppState {
  const state = initialState("tiny", config);
  return { ...state, dataset: { current: null, loading: startLoading("dataset-1", MNIST) } };
}

describe("events of the backend", () => {
  it("keep what the worker computes on", () => {
    const report = {
      backend: "wasm",
      device: "2 threads",
      reason: "no GPU",
      advice: null,
      rung: "wasm",
      fallback: null,
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

describe("what the user should know of the storage", () => {
  it.each<[string, Broadcast]>([
    ["runs that came back", { type: "runsRestored", names: ["One", "Two"] }],
    ["what was deleted for room", { type: "storageNote", message: "Copies of One and Two." }],
  ])("is told of %s", (_, event) => {
    expect(applyEvent(initialState("tiny", config), event).notices).toMatchObject([
      { tone: "info", message: expect.stringMatching(/One.*Two/) },
    ]);
  });
});

describe("events of the dataset", () => {
  const progress = {
    type: "datasetProgress",
    loadId: "dataset-1",
    loadedBytes: 10,
    totalBytes: 100,
    numImages: 6,
    totalImages: 60,
  } as const;
  const ready = {
    type: "datasetReady",
    dataset: { id: "mnist", name: "MNIST" },
    loadId: "dataset-1",
    numTrain: 50,
    numValidation: 10,
    pixelChecksum: 1,
    numClasses: 10,
    checksum: 1,
    unseenLabels: Uint8Array.of(4),
  } as const;

  it("show how far it has loaded", () => {
    const { loading } = applyEvent(withLoading(), progress).dataset;
    expect(loading).toMatchObject({ name: "MNIST", loadedBytes: 10, numImages: 6 });
  });

  it("make it the current one when it is ready", () => {
    const { dataset } = afterEvents(withLoading(), progress, ready);
    const { type: _, loadId: __, dataset: ___, ...read } = ready;
    const current = { ...MNIST, ...read };
    expect(dataset).toEqual({ current, loading: null });
  });

  it("are dropped when another one has been asked for since", () => {
    const state = withLoading();
    expect(applyEvent(state, { ...progress, loadId: "dataset-0" })).toBe(state);
    expect(applyEvent(state, { ...ready, loadId: "dataset-0" })).toBe(state);
  });

  it("offer another try when MNIST failed and there is nothing else", () => {
    const waiting = { ...withLoading(), trainRequested: true };
    const failed = { type: "datasetFailed", loadId: "dataset-1", message: "404" } as const;
    const state = applyEvent(waiting, failed);
    expect(state.dataset).toEqual({ current: null, loading: null });
    expect(state.trainRequested).toBe(false);
    expect(state.notices).toMatchObject([
      { title: "MNIST did not load", message: "404", remedies: ["retryDataset"] },
    ]);
  });

  it("keep the dataset before it when a dropped one failed", () => {
    const loaded = afterEvents(withLoading(), ready);
    const loading = startLoading("dataset-2", identityOf("files"));
    const state = applyEvent(
      { ...loaded, dataset: { ...loaded.dataset, loading } },
      { type: "datasetFailed", loadId: "dataset-2", message: "not IDX" },
    );
    expect(state.dataset).toEqual({ current: loaded.dataset.current, loading: null });
    expect(state.notices).toMatchObject([{ remedies: [] }]);
  });

  it("take back the error of an earlier try, whether they tell success or another error", () => {
    const failedOnce = afterEvents(withLoading(), {
      type: "datasetFailed",
      loadId: "dataset-1",
      message: "truncated",
    });
    const again = {
      ...failedOnce,
      dataset: { ...failedOnce.dataset, loading: startLoading("dataset-2", MNIST) },
    };
    const at = {
      loadId: "dataset-2",
      numTrain: 6,
      numValidation: 1,
      pixelChecksum: 1,
      numClasses: 10,
      checksum: 1,
      unseenLabels: new Uint8Array(),
    };
    expect(failedOnce.notices).toMatchObject([{ message: "truncated" }]);
    expect(applyEvent(again, { ...ready, ...at }).notices).toEqual([]);
    const failedTwice = applyEvent(again, {
      type: "datasetFailed",
      loadId: "dataset-2",
      message: "not found",
    });
    expect(failedTwice.notices).toMatchObject([{ message: "not found" }]);
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
    const report = {
      backend: "wasm",
      device: "",
      reason: null,
      advice: null,
      rung: "wasm",
      fallback: null,
    } as const;
    const waiting = afterEvents(
      { ...withRun(), dataset: withLoading().dataset, trainRequested: true },
      { type: "backendReady", report },
    );
    const source = { kind: "run", runId: "run-1" } as const;
    waiting.stored = { ...waiting.stored, isTrainingElsewhere: true, opening: "a" };
    const request = {
      count: 1,
      timesteps: 4,
      times: [],
      trainedSteps: 0,
      source,
      sources: null,
      start: "noise",
    } as const;
    const { backend, dataset, trainRequested, samples, stored } = afterEvents(
      { ...waiting, samples: requestSample(waiting.samples, "s1") },
      { type: "sampleStarted", sampleId: "p1", origin: "preview", ...request },
      { type: "sampleDone", sampleId: "p1", elapsedMs: 1 },
      { type: "sampleStarted", sampleId: "p2", origin: "preview", ...request },
      fault,
    );
    expect(backend).toEqual({ status: "failed", message: "Out of memory" });
    expect(dataset.loading).toBeNull();
    expect(trainRequested).toBe(false);
    expect(stored).toMatchObject({ isTrainingElsewhere: false, opening: null });
    expect(samples.requestedId).toBeNull();
    expect(samples.generations.map((g) => g.status)).toEqual(["failed"]);
  });

  it("ends the run that was going on, and only that", () => {
    expect(applyEvent(withRun({ status: "training" }), fault).run?.status).toBe("failed");
    expect(applyEvent(withRun({ status: "finished" }), fault).run?.status).toBe("finished");
  });
});

it("previews are shown of the run on the page alone", () => {
  const shown = (runId: string) =>
    applyEvent(withRun(), {
      type: "sampleStarted",
      sampleId: "p",
      origin: "preview",
      start: "noise",
      count: 1,
      timesteps: 4,
      times: [],
      sources: null,
      trainedSteps: 0,
      source: { kind: "run", runId },
    }).samples.generations.length;
  expect(["run-1", "run-2"].map(shown)).toEqual([1, 0]);
});
