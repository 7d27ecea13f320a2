import { afterEach, describe, expect, it, vi } from "vitest";
import {
  areFirstStepsDue,
  FIRST_STEPS,
  FIRST_STEPS_KEY,
  shownFirstStep,
} from "../../../../../src/app/features/train/FirstStep.tsx";
import { noticed } from "../../../../../src/app/state/slices/notices.ts";
import { initialState } from "../../../../../src/app/state/state.ts";
import { presetConfig } from "../../../../../src/engine/config/presets.ts";

afterEach(() => {
  vi.unstubAllGlobals();
});

describe("the first steps", () => {
  it("are due on a first visit, and never again once the browser has kept that they were seen", () => {
    const values = new Map<string, string>();
    vi.stubGlobal("localStorage", { getItem: (key: string) => values.get(key) ?? null });
    expect(areFirstStepsDue()).toBe(true);
    values.set(FIRST_STEPS_KEY, "done");
    expect(areFirstStepsDue()).toBe(false);
  });

  it("are not due where the browser keeps nothing: they would come at every visit", () => {
    const denied = () => {
      throw new DOMException("denied", "SecurityError");
    };
    vi.stubGlobal("localStorage", { getItem: denied, setItem: denied });
    expect(areFirstStepsDue()).toBe(false);
  });

  it("are shown one after the other, but not while there is something else to read", () => {
    const state = { ...initialState("tiny", presetConfig("tiny")), firstStep: 0 };
    expect(shownFirstStep(state)).toBe(FIRST_STEPS[0]);
    expect(shownFirstStep({ ...state, firstStep: 2 })).toBe(FIRST_STEPS[2]);
    expect(shownFirstStep({ ...state, firstStep: null })).toBeNull();
    expect(shownFirstStep(noticed(state, "News", "Read this."))).toBeNull();
    const addressed = { runId: "a", problem: "It is not here." };
    const stored = { ...state.stored, addressed };
    expect(shownFirstStep({ ...state, stored })).toBeNull();
    const found = { ...state.stored, addressed: { ...addressed, problem: null } };
    expect(shownFirstStep({ ...state, stored: found })).toBe(FIRST_STEPS[0]);
  });
});
