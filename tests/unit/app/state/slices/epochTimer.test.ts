import { describe, expect, it } from "vitest";
import { epochTimer } from "../../../../../src/app/state/slices/epochTimer.ts";
import { requestSample } from "../../../../../src/app/state/slices/samples.ts";
import { NO_STORED_RUNS } from "../../../../../src/app/state/slices/storedRuns.ts";
import type { AppState } from "../../../../../src/app/state/state.ts";
import { createAppStore } from "../../../../../src/app/state/store.ts";
import { withRun } from "../eventStates.ts";
import { startedWorkers, withFakeWorkers } from "../fakeWorker.ts";

withFakeWorkers();

const REPORT = {
  backend: "wasm",
  device: "one",
  reason: null,
  advice: null,
  rung: "wasm",
  fallback: null,
} as const;

const runOf = (changes: Partial<AppState["run"]>) => withRun(changes).run;

function page(changes: Partial<AppState> = {}) {
  const store = createAppStore(new URLSearchParams("preset=tiny"));
  store.setState({ backend: { status: "ready", report: REPORT }, ...changes });
  return { store, timer: epochTimer(store) };
}

describe("timing an epoch", () => {
  it("asks a worker of its own about the form's settings, and ends it with its result", () => {
    const { store, timer } = page();
    timer.start(4);
    const { config } = store.getState();
    const request = {
      type: "timeBatch",
      backend: "wasm",
      fallback: null,
      config,
      maxMicroBatch: 4,
    };
    expect(startedWorkers[0]?.postMessage).toHaveBeenCalledWith(request);
    startedWorkers[0]?.onmessage?.({ data: { type: "timingProgress", fraction: 0.25 } });
    expect(store.getState().epochTiming.fraction).toBe(0.25);
    expect(startedWorkers[0]?.ended).not.toHaveBeenCalled();
    startedWorkers[0]?.onmessage?.({ data: { type: "batchTimed", batchMs: 12 } });
    expect(store.getState().epochTiming).toMatchObject({
      fraction: null,
      failure: null,
      known: [{ device: "one", batchMs: 12 }],
    });
    expect(startedWorkers[0]?.ended).toHaveBeenCalled();
  });

  it("asks about other settings than the form's, and knows the time of these", () => {
    const { store, timer } = page();
    const config = { ...store.getState().config, dim: 16 };
    timer.start(4, config);
    const request = {
      type: "timeBatch",
      backend: "wasm",
      fallback: null,
      config,
      maxMicroBatch: 4,
    };
    expect(startedWorkers[0]?.postMessage).toHaveBeenCalledWith(request);
    startedWorkers[0]?.onmessage?.({ data: { type: "batchTimed", batchMs: 12 } });
    expect(store.getState().epochTiming.known).toMatchObject([{ config: { dim: 16 } }]);
  });

  it("fails with the worker's word, and can be tried again", () => {
    const { store, timer } = page();
    timer.start(null);
    startedWorkers[0]?.onerror?.({ message: "", preventDefault: () => {} });
    const failure = "The worker's script did not load.";
    expect(store.getState().epochTiming).toMatchObject({ fraction: null, failure });
    timer.start(null);
    expect(startedWorkers).toHaveLength(2);
    expect(store.getState().epochTiming.failure).toBeNull();
  });

  it.each<[string, (state: AppState) => Partial<AppState>]>([
    ["Train is pressed", () => ({ trainRequested: true })],
    ["a run is to go on", () => ({ continueRequested: { runId: "run", learningRateFactor: 1 } })],
    ["digits are asked for", ({ samples }) => ({ samples: requestSample(samples, "s") })],
    ["another network is chosen", ({ config }) => ({ config: { ...config, dim: 16 } })],
    ["the backend is gone", () => ({ backend: { status: "failed", message: "" } })],
  ])("is cancelled when %s", (_, change) => {
    const { store, timer } = page();
    timer.start(null);
    store.setState(change);
    expect(startedWorkers[0]?.ended).toHaveBeenCalledOnce();
    expect(store.getState().epochTiming.fraction).toBeNull();
  });

  it("goes on when a setting changes that takes no time", () => {
    const { store, timer } = page();
    timer.start(null);
    store.setState(({ config }) => ({ config: { ...config, epochs: 9, learningRate: 0.1 } }));
    expect(startedWorkers[0]?.ended).not.toHaveBeenCalled();
    expect(store.getState().epochTiming.fraction).not.toBeNull();
  });

  it.each<[string, Partial<AppState>]>([
    ["the backend starts", { backend: { status: "starting" } }],
    ["Train is pressed", { trainRequested: true }],
    ["a run trains", { run: runOf({ status: "training" }) }],
    ["a run is to go on after a pause", { run: runOf({ status: "paused", asked: "resume" }) }],
    ["another tab trains", { stored: { ...NO_STORED_RUNS, isTrainingElsewhere: true } }],
  ])("does not begin while %s", (_, changes) => {
    const { store, timer } = page(changes);
    timer.start(null);
    expect(startedWorkers).toHaveLength(0);
    expect(store.getState().epochTiming.fraction).toBeNull();
  });

  it.each(["paused", "stopped"] as const)("begins beside a run that is %s", (status) => {
    page({ run: runOf({ status }) }).timer.start(null);
    expect(startedWorkers).toHaveLength(1);
  });

  it("that is cancelled ends its worker at once", () => {
    const { store, timer } = page();
    timer.start(null);
    timer.cancel();
    timer.cancel();
    expect(startedWorkers[0]?.ended).toHaveBeenCalledOnce();
    expect(store.getState().epochTiming.fraction).toBeNull();
  });
});
