import { describe, expect, it } from "vitest";
import { loadedWords } from "../../../../../../src/app/features/train/weights/LoadedWeights.tsx";
import {
  weightsText,
  weightsTitle,
} from "../../../../../../src/app/features/train/weights/WeightsStatus.tsx";
import { newRun, type Run } from "../../../../../../src/app/state/slices/run.ts";
import { type AppState, initialState } from "../../../../../../src/app/state/state.ts";
import { presetConfig } from "../../../../../../src/engine/config/presets.ts";
import type { RunStatus, StepMetrics } from "../../../../../../src/runtime/run/events.ts";

const config = presetConfig("tiny");
const idle = initialState("tiny", config);
const runAt = (step: number, status: RunStatus): Run => ({
  ...newRun({ runId: "a", name: "Mine", dataset: { id: "mnist", name: "MNIST" }, config }),
  status,
  steps: step > 0 ? [{ step } as StepMetrics] : [],
});

const said = (changes: Partial<AppState>) => {
  const state = { ...idle, ...changes };
  return `${weightsTitle(state)}: ${weightsText(state)}`;
};

describe("the weights that the page has", () => {
  it("are new before a run, and until its first step", () => {
    expect(said({ run: runAt(0, "preparing") })).toBe(said({}));
    expect(said({})).not.toContain("Mine");
  });

  it("are of the run that is trained or open", () => {
    expect(said({ run: runAt(5, "training") })).toMatch(/“Mine”.*training/);
    expect(said({ run: runAt(1234, "finished") })).toMatch(
      /“Mine”.*1,234 steps\. A new run starts afresh\./,
    );
  });

  it("are of a run that began with others, also before its first step, and these are named", () => {
    const size = { startedFrom: "mine.safetensors" } as Run["size"];
    const begun = said({ run: { ...runAt(0, "preparing"), size } });
    expect(begun).toMatch(/Trained weights: “Mine”, in training, begun with mine\.safetensors/);
  });

  it("are those of a file while there is one", () => {
    const weights = { ...idle.weights, loading: "mine.safetensors" };
    const run = runAt(5, "finished");
    const titles = [{ weights, run }, { weights }, { run }, {}].map((of) =>
      weightsTitle({ ...idle, ...of }),
    );
    expect(titles[0]).toBe(titles[1]);
    expect(new Set(titles).size).toBe(3);
  });
});

describe("loaded weights", () => {
  const loaded = {
    fileName: "mine.safetensors",
    config,
    numParameters: 1234,
    trainedSteps: 500,
    hasSettings: true,
    hasAverage: true,
    dataset: null,
  };
  const words = (changes: Partial<AppState> = {}) =>
    loadedWords({ ...idle, weights: { ...idle.weights, loaded }, ...changes });

  it("begin the next run where the settings are of the same network", () => {
    expect(words()).toMatch(/1,234 parameters.*500 steps.*Train starts from it/);
    expect(words({ config: { ...config, dim: 16 } })).toMatch(/different network.*from scratch/);
  });

  it("are of a student where a distillation made them", () => {
    const student = { ...loaded, config: { ...config, distilFrom: 32, samplingTimesteps: 1 } };
    const weights = { ...idle.weights, loaded: student };
    expect(words({ weights })).toContain("A student for 1 sampling step.");
    expect(words()).not.toContain("student");
  });
});
