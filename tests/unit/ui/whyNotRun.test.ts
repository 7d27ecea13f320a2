import { describe, expect, it } from "vitest";
import { presetConfig } from "../../../src/config/presets.ts";
import { newRun } from "../../../src/store/run.ts";
import { type AppState, initialState } from "../../../src/store/state.ts";
import { isTrained, whyNotOpen, whyNotResume } from "../../../src/ui/whyNotRun.ts";
import { recordAt } from "./storedRecord.ts";

const CONFIG = presetConfig("tiny");
const idle = initialState("tiny", CONFIG);
const run = newRun({ runId: "a", name: "Old name", datasetName: "MNIST", config: CONFIG });

function trained(changes: Partial<AppState> = {}): AppState {
  return { ...idle, run: { ...run, status: "training" }, ...changes };
}

describe("a stored run", () => {
  it.each([
    ["while nothing is trained", idle],
    ["after a run", { ...idle, run: { ...run, status: "stopped" } } as AppState],
  ])("can be opened and resumed %s", (_, state) => {
    expect([whyNotOpen(state), whyNotResume(state)]).toEqual([null, null]);
  });

  it.each([
    ["without a backend", { ...idle, backend: { status: "failed", message: "" } }],
    ["while another is trained", trained()],
    ["while Train waits", { ...idle, trainRequested: true }],
  ] as [string, AppState][])("can be neither %s", (_, state) => {
    expect(whyNotOpen(state)).not.toBeNull();
    expect(whyNotResume(state)).toBe(whyNotOpen(state));
  });

  it("can be opened and not resumed while another tab trains", () => {
    const state = { ...idle, stored: { ...idle.stored, isTrainingElsewhere: true } };
    expect(whyNotOpen(state)).toBeNull();
    expect(whyNotResume(state)).not.toBeNull();
  });

  it("is the one that is trained, under its newest name", () => {
    const stored = { ...idle.stored, runs: [recordAt(5, { name: "New name" })] };
    const state = trained({ stored });
    expect([isTrained(state, "a"), isTrained(state, "b")]).toEqual([true, false]);
    expect(whyNotOpen(state)).toContain("“New name”");
    expect(whyNotOpen(trained())).toContain("“Old name”");
  });
});
