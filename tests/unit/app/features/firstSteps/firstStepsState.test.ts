import { afterEach, describe, expect, it, vi } from "vitest";
import {
  areFirstStepsDue,
  rememberFirstSteps,
  showsFirstSteps,
  showsOwnDigits,
} from "../../../../../src/app/features/firstSteps/firstStepsState.ts";
import { noticed } from "../../../../../src/app/state/slices/notices.ts";
import { newRun } from "../../../../../src/app/state/slices/run.ts";
import { afterPart, requestSample } from "../../../../../src/app/state/slices/samples.ts";
import { initialState } from "../../../../../src/app/state/state.ts";
import { presetConfig } from "../../../../../src/engine/config/presets.ts";
import type { NetworkSource } from "../../../../../src/runtime/run/samplingProtocol.ts";

/** Keeps what is set, as the browser's storage. */
function newStorage() {
  const values = new Map<string, string>();
  return {
    getItem: (key: string) => values.get(key) ?? null,
    setItem: (key: string, value: string) => void values.set(key, value),
  };
}

const denied = () => {
  throw new DOMException("denied", "SecurityError");
};

afterEach(() => {
  vi.unstubAllGlobals();
});

describe("the first steps", () => {
  it("are due on a first visit, and never again once they were skipped or gone through", () => {
    vi.stubGlobal("localStorage", newStorage());
    expect(areFirstStepsDue()).toBe(true);
    rememberFirstSteps();
    expect(areFirstStepsDue()).toBe(false);
  });

  it("are not due where the browser keeps nothing: they would come at every visit", () => {
    vi.stubGlobal("localStorage", { getItem: denied, setItem: denied });
    expect(areFirstStepsDue()).toBe(false);
    expect(rememberFirstSteps).not.toThrow();
  });

  it("are shown in the first view, but not while there is something else to read", () => {
    const state = { ...initialState("tiny", presetConfig("tiny")), firstStep: 0 };
    expect(showsFirstSteps(state)).toBe(true);
    expect(showsFirstSteps({ ...state, firstStep: null })).toBe(false);
    expect(showsFirstSteps({ ...state, view: "charts" })).toBe(false);
    expect(showsFirstSteps(noticed(state, "News", "Read this."))).toBe(false);
    const addressed = { runId: "a", problem: "It is not here." };
    const stored = { ...state.stored, addressed };
    expect(showsFirstSteps({ ...state, stored })).toBe(false);
    const found = { ...state.stored, addressed: { ...addressed, problem: null } };
    expect(showsFirstSteps({ ...state, stored: found })).toBe(true);
  });
});

describe("whose digits are shown", () => {
  const config = presetConfig("tiny");
  const before = initialState("tiny", config);
  const run = newRun({ runId: "a", name: "A", dataset: { id: "mnist", name: "MNIST" }, config });
  const drawnBy = (source: NetworkSource) => {
    const drawn = {
      trainedSteps: 7,
      count: 1,
      start: "noise",
      timesteps: 1,
      sources: null,
    } as const;
    const event = { type: "sampleStarted", sampleId: "s", origin: "person", ...drawn } as const;
    const samples = requestSample(before.samples, "s");
    const started = { ...event, times: [0, -1], source };
    return afterPart(samples, started, { askedFor: null, drawnBy: null });
  };

  it("is one's own from the beginning of a run on, and a trained network's before it", () => {
    expect(showsOwnDigits(before)).toBe(false);
    expect(showsOwnDigits({ ...before, run })).toBe(true);
    const ofRun = drawnBy({ kind: "run", runId: "a" });
    expect(showsOwnDigits({ ...before, run, samples: ofRun })).toBe(true);
    const ofFile = drawnBy({ kind: "file", fileName: "pretrained-quick.safetensors" });
    expect(showsOwnDigits({ ...before, samples: ofFile })).toBe(false);
    // A model that is loaded to compare with.
    expect(showsOwnDigits({ ...before, run, samples: ofFile })).toBe(false);
  });
});
