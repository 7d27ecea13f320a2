import { describe, expect, it } from "vitest";
import { applyEvent } from "../../../../../src/app/state/applyEvent.ts";
import type { EndOf } from "../../../../../src/app/state/client/answers.ts";
import { afterFile, afterSaving, afterUnreadable } from "../../../../../src/app/state/opening.ts";
import { noticed } from "../../../../../src/app/state/slices/notices.ts";
import { hasUnsaved, newRun } from "../../../../../src/app/state/slices/run.ts";
import {
  hasAverage,
  isTrained,
  sampledFile,
  trainedConfig,
} from "../../../../../src/app/state/slices/sampledNetwork.ts";
import {
  formWithout,
  inForm,
  settingsFitWeights,
  takeNetwork,
  withProgress,
} from "../../../../../src/app/state/slices/weights.ts";
import { type AppState, initialState } from "../../../../../src/app/state/state.ts";
import { presetConfig } from "../../../../../src/engine/config/presets.ts";
import type { Broadcast, LoadedWeights } from "../../../../../src/runtime/run/events.ts";

const tiny = presetConfig("tiny");
const quick = { ...presetConfig("quick"), objective: "noise" } as const;
const weights: LoadedWeights = {
  fileName: "digits.safetensors",
  config: { ...quick, epochs: 40 },
  hasSettings: true,
  hasAverage: false,
  dataset: null,
  trainedSteps: 12,
  numParameters: 100,
};
const loaded = { type: "weightsLoaded", requestId: "file", weights } as const;
const imported = {
  type: "runImported",
  requestId: "file",
  runId: "run-2",
  name: "Run",
  gaps: null,
} as const;
const forgotten: Broadcast = { type: "weightsForgotten" };
const runStarted: Broadcast = {
  type: "runStarted",
  runId: "run-1",
  config: tiny,
  numParameters: 100,
  stepsPerEpoch: 10,
  totalSteps: 20,
  microBatchSize: 8,
  numThreads: 1,
  startedFrom: null,
};
const steps: Broadcast = {
  type: "steps",
  runId: "run-1",
  steps: [{ step: 1, loss: 0.1, gradNorm: 1, learningRate: 1e-3, stepMs: 20, wallTimeMs: 0 }],
};

const empty = initialState("tiny", tiny);
const OLDER = { isNewest: false, keepsForm: false };

/** The state after what the worker says, and after files that were read, each the newest that was chosen. */
function afterEvents(state: AppState, ...events: (Broadcast | EndOf<"weights">)[]): AppState {
  return events.reduce(
    (before: AppState, event) =>
      event.type === "weightsLoaded" || event.type === "runImported"
        ? afterFile(before, event, { isNewest: true, keepsForm: false })
        : applyEvent(before, event),
    state,
  );
}

function afterRefusal(state: AppState, message = "It is truncated."): AppState {
  return afterUnreadable(state, { name: "digits.safetensors", message, isNewest: true });
}

function reading(state: AppState, fileName = "digits.safetensors"): AppState {
  return { ...state, weights: { ...state.weights, loading: fileName } };
}

function withRun(state: AppState, config = tiny): AppState {
  return {
    ...state,
    run: newRun({ runId: "run-1", name: "Run", dataset: { id: "mnist", name: "MNIST" }, config }),
  };
}

describe("weights that were loaded", () => {
  it("bring their settings along, all but the epochs, with the preset that these are of", () => {
    const state = afterEvents(reading(empty), loaded);
    expect(state.weights).toMatchObject({
      loading: null,
      loadedFraction: null,
      loaded: weights,
    });
    expect(state).toMatchObject({ config: quick, preset: "quick", notices: [] });
  });

  it("bring no number of epochs, also where the file says nothing of its settings", () => {
    const page = { ...quick, epochs: 7 };
    const unknown = { ...weights, config: page, hasSettings: false };
    const state = afterEvents(empty, { ...loaded, weights: unknown });
    expect(state.config).toEqual(page);
  });

  it("tell how much of the file is read, and of a run in it stored, until it is", () => {
    const bytes = { loadedBytes: 25, totalBytes: 100 };
    const read = withProgress(reading(empty).weights, {
      type: "fileProgress",
      requestId: "file",
      ...bytes,
    });
    expect(read.loadedFraction).toBe(0.25);
    const stored = withProgress(read, { type: "importProgress", requestId: "file", fraction: 0.5 });
    expect(stored).toMatchObject({ loadedFraction: 0.25, importedFraction: 0.5 });
    for (const end of [loaded, imported]) {
      const { weights } = afterEvents({ ...empty, weights: stored }, end);
      expect(weights).toMatchObject({ loadedFraction: null, importedFraction: null });
    }
  });

  it("are waited for no longer, unless another file has been chosen since", () => {
    const state = afterFile(reading(empty, "newer.safetensors"), loaded, OLDER);
    expect(state.weights).toMatchObject({ loading: "newer.safetensors", loaded: weights });
  });

  it("take back the notice of an earlier file, and no other", () => {
    const saving = noticed(reading(empty), "The weights were not saved", "No memory.");
    const state = afterEvents(afterRefusal(saving), loaded);
    expect(state.notices).toMatchObject([{ message: "No memory." }]);
  });

  it("are the page's network until a run begins or is opened in their place", () => {
    const before = withRun(afterEvents(empty, loaded));
    expect(before.weights.loaded).toBe(weights);
    const state = afterEvents(before, runStarted);
    expect(state.weights.loaded).toBeNull();
    // Whose settings they are.
    expect(state.config).toEqual(quick);
  });

  it("take their settings along when the run ends that began with them, but for what was changed", () => {
    const { weights, preset, config } = afterEvents(empty, loaded);
    const before = { ...withRun(empty), weights, preset, config: { ...config, seed: 7 } };
    const training = afterEvents(before, runStarted);
    expect(training.config).toEqual({ ...quick, seed: 7 });
    const ended = (status: "stopped" | "paused") =>
      afterEvents(training, { type: "runStatus", runId: "run-1", status });
    expect(ended("paused").config).toBe(training.config);
    expect(ended("stopped")).toMatchObject({
      preset: empty.preset,
      config: { ...empty.config, seed: 7 },
      weights: empty.weights,
    });
  });

  it("are sampled on when another run than the current one is told to begin", () => {
    const sampled = withRun(afterEvents(empty, loaded));
    expect(afterEvents(sampled, { ...runStarted, runId: "run-0" }).weights.loaded).toBe(weights);
  });

  it("are gone once forgotten", () => {
    const state = afterEvents(reading(afterEvents(empty, loaded), "newer.safetensors"), forgotten);
    expect(state.weights).toMatchObject({ loading: "newer.safetensors", loaded: null });
  });

  it("are gone with the worker", () => {
    const fault: Broadcast = {
      type: "fault",
      cause: "error",
      message: "Out of memory",
      details: "",
    };
    const state = afterEvents(reading(afterEvents(empty, loaded), "newer.safetensors"), fault);
    expect(state.weights).toEqual(empty.weights);
    // With their settings, also of a run that began with them.
    expect(state).toMatchObject({ preset: "tiny", config: tiny });
    const { weights, preset, config } = afterEvents(empty, loaded);
    const training = afterEvents({ ...withRun(empty), weights, preset, config }, runStarted);
    expect(afterEvents(training, fault)).toMatchObject({ preset: "tiny", config: tiny });
  });
});

describe("the form without the weights that were loaded", () => {
  const edited = { ...tiny, seed: 7 };
  const other = { ...loaded, weights: { ...weights, config: presetConfig("laptop") } };
  const without = (state: AppState, changes: Partial<AppState["config"]> = {}) =>
    formWithout({ ...state, config: { ...state.config, ...changes } });

  it("is as it was before them, also after others, but for what was changed since", () => {
    const before = initialState("tiny", edited);
    const state = afterEvents(before, loaded);
    expect(without(state)).toEqual({ preset: "tiny", config: edited });
    expect(without(afterEvents(state, other))).toEqual({ preset: "tiny", config: edited });
    const changed = without(state, { batchSize: 5 });
    expect(changed).toEqual({ preset: "tiny", config: { ...edited, batchSize: 5 } });
  });

  it("stays where a preset was chosen since, or nothing is loaded", () => {
    const loadedOne = afterEvents(initialState("tiny", edited), loaded);
    const form = { preset: "quick", config: presetConfig("quick") } as const;
    expect(without({ ...loadedOne, ...inForm(form)(loadedOne) })).toEqual(form);
    expect(without(initialState("tiny", edited))).toEqual({ preset: "tiny", config: edited });
  });

  it("is the preset's where their settings came with the address, and nothing else did", () => {
    const loadedAs = (fileName: string) =>
      afterFile(
        initialState("quick", quick),
        { ...loaded, weights: { ...weights, fileName } },
        { isNewest: true, keepsForm: true },
      );
    const state = loadedAs("pretrained-quick.safetensors");
    expect(state.config).toEqual(quick);
    expect(without(state)).toEqual({ preset: "quick", config: presetConfig("quick") });
    const own = { ...quick, seed: 9 };
    expect(without(state, own)).toEqual({ preset: "quick", config: own });
    // A run with the form's settings, of which students are trained.
    expect(without(loadedAs("Quick, 29 Nov"))).toEqual({ preset: "quick", config: quick });
  });
});

describe("weights that did not load", () => {
  it("are told with the file's name, and change nothing else", () => {
    const before = afterEvents(empty, loaded);
    const state = afterRefusal(reading(before));
    expect(state.notices).toMatchObject([
      { title: "digits.safetensors did not load", message: "It is truncated." },
    ]);
    expect({ ...state, notices: [] }).toEqual(before);
  });

  it("take back a Train that waits for them", () => {
    const state = afterRefusal({ ...reading(empty), trainRequested: true });
    expect(state.trainRequested).toBe(false);
  });

  it("leave a newer file and a Train that waits for it alone", () => {
    const waiting = { ...reading(empty, "newer.safetensors"), trainRequested: true };
    const state = afterUnreadable(waiting, { name: "older", message: "", isNewest: false });
    expect(state).toMatchObject({ trainRequested: true, weights: waiting.weights });
  });

  it("are no longer told of once a run came out of another file", () => {
    expect(afterEvents(afterRefusal(reading(empty)), imported).notices).toEqual([]);
  });

  it("are told once, with the newest reason", () => {
    const again = afterRefusal(afterRefusal(reading(empty)), "It has no tensors.");
    expect(again.notices).toMatchObject([{ message: "It has no tensors." }]);
  });
});

describe("settings", () => {
  it("fit the loaded weights while they describe the same network", () => {
    expect(settingsFitWeights(empty)).toBe(false);
    const state = afterEvents(empty, loaded);
    expect(settingsFitWeights(state)).toBe(true);
    expect(settingsFitWeights({ ...state, config: { ...quick, epochs: 99 } })).toBe(true);
    expect(settingsFitWeights({ ...state, config: { ...quick, dim: 16 } })).toBe(false);
  });

  it("take over the network of the weights and nothing else", () => {
    expect(takeNetwork(empty)).toEqual({ config: tiny });
    const other = { ...afterEvents(empty, loaded), config: { ...tiny, seed: 9 } };
    const { dim, dimMults, attnHeads, attnDimHead, selfCondition, classes } = quick;
    const expected = {
      ...tiny,
      seed: 9,
      dim,
      dimMults,
      attnHeads,
      attnDimHead,
      selfCondition,
      classes,
    };
    expect(takeNetwork(other)).toEqual({ config: expected });
    expect(settingsFitWeights({ ...other, ...takeNetwork(other) })).toBe(true);
  });
});

describe("a run", () => {
  it("has more than was saved until its weights are saved as they are now", () => {
    const step = (n: number): Broadcast => ({
      type: "steps",
      runId: "run-1",
      steps: [{ step: n, loss: 1, gradNorm: 1, learningRate: 1e-3, stepMs: 10, wallTimeMs: 0 }],
    });
    expect(hasUnsaved(null)).toBe(false);
    const run = afterEvents(withRun(empty, tiny), { ...runStarted, config: tiny });
    expect(hasUnsaved(run.run)).toBe(false);
    const trained = afterEvents(run, step(1));
    expect(hasUnsaved(trained.run)).toBe(true);
    const saved = afterSaving(trained);
    expect(hasUnsaved(saved.run)).toBe(false);
    expect(hasUnsaved(afterEvents(saved, step(2)).run)).toBe(true);
    // What was saved is the loaded file, not the run.
    const other = afterSaving(afterEvents(trained, loaded));
    expect(hasUnsaved(other.run)).toBe(true);
  });
});

describe("the network that is sampled and saved", () => {
  const averaged = { ...tiny, emaDecay: 0.9 };
  const ofRun = (config = averaged) =>
    afterEvents(withRun(empty, config), { ...runStarted, config }, steps);

  it("has the settings of its run or its file, where these are known", () => {
    expect(trainedConfig(empty)).toBeNull();
    // Until the worker has the run, it is the network before that is sampled.
    expect(trainedConfig(withRun(empty, averaged))).toBeNull();
    expect(trainedConfig(ofRun())).toBe(averaged);
    expect(trainedConfig(afterEvents(ofRun(), loaded))).toBe(weights.config);
    const unknown = { ...loaded, weights: { ...weights, hasSettings: false } };
    expect(trainedConfig(afterEvents(ofRun(), unknown))).toBeNull();
    expect(trainedConfig(afterEvents(ofRun(), loaded, forgotten))).toBe(averaged);
  });

  it("has an average where its run keeps one, or its file has one besides", () => {
    expect(hasAverage(empty)).toBe(false);
    expect(hasAverage(ofRun())).toBe(true);
    expect(hasAverage(ofRun(tiny))).toBe(false);
    expect(hasAverage(afterEvents(ofRun(), loaded))).toBe(false);
    const both = { ...loaded, weights: { ...weights, hasAverage: true } };
    expect(hasAverage(afterEvents(ofRun(tiny), both))).toBe(true);
    expect(hasAverage(afterEvents(ofRun(tiny), both, forgotten))).toBe(false);
  });

  it("is of the file until a run begins or the file is forgotten", () => {
    expect(sampledFile(ofRun())).toBeNull();
    const ofFile = afterEvents(ofRun(), loaded);
    expect(sampledFile(ofFile)).toBe("digits.safetensors");
    expect(sampledFile(afterEvents(ofFile, runStarted))).toBeNull();
    expect(sampledFile(afterEvents(ofFile, forgotten))).toBeNull();
  });

  it("is trained from a run's first step on, and when it is of a file", () => {
    expect(isTrained(empty)).toBe(false);
    expect(isTrained(afterEvents(withRun(empty), runStarted))).toBe(false);
    expect(isTrained(ofRun())).toBe(true);
    expect(isTrained(afterEvents(empty, loaded))).toBe(true);
    expect(isTrained(afterEvents(empty, loaded, forgotten))).toBe(false);
  });
});
