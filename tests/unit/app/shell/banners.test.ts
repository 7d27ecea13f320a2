import { expect, it } from "vitest";
import { formatTrouble } from "../../../../src/app/shell/Banners.tsx";
import { initialState } from "../../../../src/app/state/state.ts";
import type { RunStatus } from "../../../../src/runtime/run/events.ts";
import { config, withRun } from "../state/eventStates.ts";

it.each<[RunStatus | null, boolean]>([
  [null, true],
  ["training", true],
  ["validating", true],
  ["paused", false],
  ["stopped", false],
  ["failed", false],
])(
  "beside why nothing can be saved it is said that training continues only where it does: %s, %s",
  (status, goesOn) => {
    const state = withRun({ status });
    const stored = { ...state.stored, trouble: "The disk is full." };
    expect(formatTrouble(state)).toBeNull();
    expect(formatTrouble({ ...state, stored })?.includes("continues")).toBe(goesOn);
    const noRun = initialState("tiny", config);
    expect(formatTrouble({ ...noRun, stored })).toBe("The disk is full.");
  },
);
