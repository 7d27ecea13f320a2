import { afterEach, describe, expect, it, vi } from "vitest";
import {
  areFirstStepsDue,
  rememberFirstSteps,
  showsFirstSteps,
} from "../../../../../src/app/features/firstSteps/firstStepsState.ts";
import { noticed } from "../../../../../src/app/state/slices/notices.ts";
import { initialState } from "../../../../../src/app/state/state.ts";
import { presetConfig } from "../../../../../src/engine/config/presets.ts";

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
