import { afterEach, beforeEach, expect, it, vi } from "vitest";
import {
  hadUnsaved,
  numLostSteps,
  rememberRuns,
  rememberUnsaved,
} from "../../../../../src/app/features/train/storedBefore.ts";
import { newRun, type Run } from "../../../../../src/app/state/slices/run.ts";
import type { StoredRunsState } from "../../../../../src/app/state/slices/storedRuns.ts";
import { initialState } from "../../../../../src/app/state/state.ts";
import type { StoredRun } from "../../../../../src/runtime/run/events.ts";
import { config, stepAt } from "../../state/eventStates.ts";

/** What the browser keeps from one visit to the next. */
let values: Map<string, string>;

beforeEach(() => {
  values = new Map();
  vi.stubGlobal("localStorage", {
    getItem: (key: string) => values.get(key) ?? null,
    setItem: (key: string, value: string) => void values.set(key, value),
    removeItem: (key: string) => void values.delete(key),
  });
});
afterEach(() => void vi.unstubAllGlobals());

const dataset = { id: "mnist", name: "MNIST" };
const stored = (step: number) => ({ runId: "run-1", step });

function told(changes: Partial<Run>) {
  const run = { ...newRun({ runId: "run-1", name: "Run", dataset, config }), ...changes };
  rememberUnsaved({ ...initialState("tiny", config), run });
}

const trained = (step: number) => [stepAt(step - 1), stepAt(step)];

it("steps after the newest checkpoint are lost with the page, and with no run else", () => {
  told({ status: "training", checkpointStep: 1200, steps: trained(1250) });
  expect(hadUnsaved()).toBe(true);
  expect(numLostSteps(stored(1200))).toBe(50);
  expect(numLostSteps({ runId: "run-2", step: 1200 })).toBe(0);
  // The page had saved them while it was left.
  expect(numLostSteps(stored(1250))).toBe(0);
  expect(numLostSteps(stored(1260))).toBe(0);
});

it("what was saved is not lost", () => {
  told({ status: "training", checkpointStep: 1200, steps: trained(1250) });
  told({ status: "stopped", checkpointStep: 1250, steps: trained(1250) });
  expect(hadUnsaved()).toBe(false);
  expect(numLostSteps(stored(1200))).toBe(0);
});

it("they are still lost when the run is opened, until it trains on", () => {
  told({ status: "training", checkpointStep: 1200, steps: trained(1250) });
  const steps = trained(1200);
  told({ status: "stopped", checkpointStep: 1200, steps, numStoredSteps: steps.length });
  expect(numLostSteps(stored(1200))).toBe(50);
  told({ status: "preparing", checkpointStep: 1200, steps, numStoredSteps: steps.length });
  expect(numLostSteps(stored(1200))).toBe(0);
});

it("they are forgotten when their run is gone or finished, not while it is unfinished", () => {
  told({ status: "training", checkpointStep: 1200, steps: trained(1250) });
  const state = initialState("tiny", config);
  const run = { ...stored(1200), name: "Run", isFinished: false } as StoredRun;
  const tell = (changes: Partial<StoredRunsState>) =>
    rememberRuns({ ...state, stored: { ...state.stored, ...changes } });
  tell({ runs: [run] });
  tell({ runs: [], isTrainingElsewhere: true });
  tell({ runs: [], trouble: "The browser's storage does not answer." });
  expect(hadUnsaved()).toBe(true);
  tell({ runs: [{ ...run, isFinished: true }] });
  expect(hadUnsaved()).toBe(false);
});

it("nothing is lost where the browser keeps nothing, or something else", () => {
  values.set("unsaved-step", "run-1 many");
  expect(numLostSteps(stored(1200))).toBe(0);
  vi.stubGlobal("localStorage", undefined);
  told({ status: "training", checkpointStep: 1200, steps: trained(1250) });
  expect(hadUnsaved()).toBe(false);
  expect(numLostSteps(stored(1200))).toBe(0);
});
