import { describe, expect, it } from "vitest";
import { statusWords } from "../../../../src/app/features/train/statusWords.ts";
import { applyEvent } from "../../../../src/app/state/applyEvent.ts";
import { afterSaving } from "../../../../src/app/state/opening.ts";
import { hasUnsaved, runOf } from "../../../../src/app/state/slices/run.ts";
import { type AppState, initialState } from "../../../../src/app/state/state.ts";
import { presetConfig } from "../../../../src/engine/config/presets.ts";
import type { Broadcast, OpenedRun, StepMetrics } from "../../../../src/runtime/run/events.ts";
import { recordAt } from "../shared/storedRecord.ts";

const record = recordAt(5);
const step: StepMetrics = {
  step: 5,
  loss: 0.5,
  gradNorm: 1,
  learningRate: 0.001,
  stepMs: 10,
  wallTimeMs: 50,
};

const opened: OpenedRun = {
  ...record,
  dataset: { id: "files", name: "" },
  startedFrom: null,
  steps: [step],
  epochs: [],
  warning: null,
  status: "finished",
  step: 5,
};

const list = (...runs: (typeof record)[]): Broadcast => ({ type: "runs", runs });

function showing(...events: Broadcast[]): AppState {
  const idle = initialState("tiny", presetConfig("tiny"));
  const state: AppState = { ...idle, run: runOf(opened) };
  return [list(record), ...events].reduce(applyEvent, state);
}

describe("a run that is deleted while it is shown", () => {
  it("stays on the page, which says that it is no longer stored", () => {
    expect(statusWords(showing())).toBe("Finished after 5 steps");
    const state = showing(list());
    expect(state.run?.steps).toEqual([step]);
    expect(statusWords(state)).toMatch(/^Finished after 5 steps; deleted/);
  });

  it("would be lost with the page, until its weights are saved to a file", () => {
    expect(hasUnsaved(showing().run)).toBe(false);
    expect(hasUnsaved(showing(list()).run)).toBe(true);
    expect(hasUnsaved(afterSaving(showing(list())).run)).toBe(false);
  });

  it("is stored again where it trains on", () => {
    const { run } = showing(list(), { type: "checkpointSaved", runId: record.runId, step: 5 });
    expect(run).toMatchObject({ isDeleted: false, checkpointStep: 5 });
  });

  it("is no other run, nor one that was never stored", () => {
    expect(showing(list(record)).run?.isDeleted).toBe(false);
    const other = { ...record, runId: "other" };
    expect(showing(list(other, record), list(record)).run?.isDeleted).toBe(false);
    expect(showing(list(), list(other), list()).run?.isDeleted).toBe(true);
  });
});

it("a run that is opened is as long as its epochs, and has its batch whole until it trains", () => {
  expect(runOf({ ...opened, startedFrom: "digits.safetensors" })).toMatchObject({
    checkpointStep: 5,
    numStoredSteps: 1,
    size: {
      numParameters: 100,
      stepsPerEpoch: 10,
      totalSteps: 10 * record.config.epochs,
      microBatchSize: 8,
      numThreads: 1,
      startedFrom: "digits.safetensors",
    },
  });
});

it("the run that is shown has the name that it was given meanwhile", () => {
  const other = { ...record, runId: "other", name: "Another" };
  expect(showing(list(other, { ...record, name: "Mine" })).run?.name).toBe("Mine");
});
