/** States of the page, and what the worker tells of a run, for tests of what becomes of them. */

import { applyEvent } from "../../../../src/app/state/applyEvent.ts";
import { newRun } from "../../../../src/app/state/slices/run.ts";
import { type AppState, initialState } from "../../../../src/app/state/state.ts";
import { presetConfig } from "../../../../src/engine/config/presets.ts";
import type { Broadcast, StepMetrics } from "../../../../src/runtime/run/events.ts";

export const config = presetConfig("tiny");

export function withRun(changes: Partial<AppState["run"]> = {}): AppState {
  return {
    ...initialState("tiny", config),
    run: {
      ...newRun({ runId: "run-1", name: "Run", dataset: { id: "mnist", name: "MNIST" }, config }),
      ...changes,
    },
  };
}

export function afterEvents(state: AppState, ...events: Broadcast[]): AppState {
  return events.reduce(applyEvent, state);
}

export function stepAt(step: number, loss = 0.1): StepMetrics {
  return { step, loss, gradNorm: 1, learningRate: 1e-3, stepMs: 20, wallTimeMs: 0 };
}
