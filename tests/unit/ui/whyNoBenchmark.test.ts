import { describe, expect, it } from "vitest";
import { presetConfig } from "../../../src/config/presets.ts";
import { startTiming } from "../../../src/store/epochTiming.ts";
import { newRun, type Run } from "../../../src/store/run.ts";
import { requestSample } from "../../../src/store/samples.ts";
import { type AppState, initialState } from "../../../src/store/state.ts";
import { whyNoBenchmark } from "../../../src/ui/whyNoBenchmark.ts";

const CONFIG = presetConfig("tiny");
const REPORT = { backend: "wasm", device: "", reason: null, advice: null } as const;

function stateWith(changes: Partial<AppState> = {}): AppState {
  const backend = { status: "ready", report: REPORT } as const;
  return { ...initialState("tiny", CONFIG), backend, ...changes };
}

function runWith(changes: Partial<Run>): Run {
  return { ...newRun({ runId: "run", name: "Run", datasetName: "", config: CONFIG }), ...changes };
}

describe("a device can be measured", () => {
  it.each([
    ["before any run", {}],
    ["after a run", { run: runWith({ status: "finished" }) }],
    ["while a run is paused", { run: runWith({ status: "paused" }) }],
  ])("%s", (_, changes) => {
    expect(whyNoBenchmark(stateWith(changes))).toBeNull();
  });
});

describe("a device cannot be measured", () => {
  const { samples, stored } = stateWith();
  it.each([
    ["while the backend starts", { backend: { status: "starting" } as const }],
    ["without a backend", { backend: { status: "failed", message: "" } as const }],
    ["while a run goes on", { run: runWith({ status: "training" }) }],
    ["before the worker's word on a run", { run: runWith({ status: null }) }],
    ["while a run resumes", { run: runWith({ status: "paused", asked: "resume" }) }],
    ["while Resume waits", { continueRequested: { runId: "run", learningRateFactor: 1 } }],
    ["while another tab trains", { stored: { ...stored, isTrainingElsewhere: true } }],
    ["while an epoch is timed", { epochTiming: startTiming(stateWith()).epochTiming }],
    ["while Train waits", { trainRequested: true }],
    ["while digits are drawn", { samples: requestSample(samples, "sample") }],
  ])("%s", (_, changes) => {
    expect(whyNoBenchmark(stateWith(changes))).not.toBeNull();
  });
});
