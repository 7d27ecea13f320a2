import { describe, expect, it } from "vitest";
import { networkFor } from "../../../../src/app/shared/network/chosenNetwork.ts";
import { applyEvent } from "../../../../src/app/state/applyEvent.ts";
import { newRun, type Run } from "../../../../src/app/state/slices/run.ts";
import { NO_STORED_RUNS, runOfAddress } from "../../../../src/app/state/slices/storedRuns.ts";
import { initialState } from "../../../../src/app/state/state.ts";
import { createAppStore } from "../../../../src/app/state/store.ts";
import { presetConfig } from "../../../../src/engine/config/presets.ts";
import type {
  LoadedWeights,
  OpenedRun,
  RunStatus,
  StoredRun,
} from "../../../../src/runtime/run/events.ts";

const initial = initialState("tiny", presetConfig("tiny"));
const storedRun = (runId: string) => ({ runId }) as StoredRun;
const runOf = (status: RunStatus | null): Run => ({
  ...newRun({
    runId: "a",
    name: "A",
    dataset: { id: "mnist", name: "MNIST" },
    config: presetConfig("tiny"),
  }),
  status,
});

describe("the run in the address", () => {
  it("is read beside all else", () => {
    const query = new URLSearchParams("preset=tiny&view=charts&run=run-1");
    const addressed = (of: URLSearchParams) => createAppStore(of).getState().stored.addressed;
    expect(addressed(query)).toEqual({ runId: "run-1", problem: null });
    expect(addressed(new URLSearchParams("preset=tiny"))).toBeNull();
  });

  it("is what draws, not a trained model in its place, unless it cannot be opened", () => {
    const current = { kind: "current" } as const;
    const state = createAppStore(new URLSearchParams("preset=tiny&run=run-1")).getState();
    expect(networkFor(current, state, "noise")).toEqual(current);
    const addressed = { runId: "run-1", problem: "It is not stored here." };
    const failed = { ...state, stored: { ...state.stored, addressed } };
    expect(networkFor(current, failed, "noise")).toMatchObject({ kind: "model" });
  });

  it.each([
    ["is the open one, where it is stored", "finished", ["a"], "a"],
    ["is the one being trained, which will be stored", "training", [], "a"],
    ["is none where the open one was deleted", "finished", ["b"], null],
    ["is none where the open one failed before it was stored", "failed", [], null],
  ] as const)("%s", (_, status, ids, expected) => {
    const stored = { ...NO_STORED_RUNS, runs: ids.map(storedRun) };
    expect(runOfAddress({ ...initial, run: runOf(status), stored })).toBe(expected);
  });

  it("is none where a trained model was loaded after it, which the address names", () => {
    const loadedFrom = (fileName: string) => ({
      ...initial,
      run: runOf("finished"),
      stored: { ...NO_STORED_RUNS, runs: [storedRun("a")] },
      weights: { ...initial.weights, loaded: { fileName } as LoadedWeights },
    });
    expect(runOfAddress(loadedFrom("pretrained-medium.safetensors"))).toBeNull();
    expect(runOfAddress(loadedFrom("mine.safetensors"))).toBe("a");
  });

  it("is none without a run, but stays while it is being opened", () => {
    expect(runOfAddress(initial)).toBeNull();
    const whileAddressed = (problem: string | null) =>
      runOfAddress({
        ...initial,
        stored: { ...NO_STORED_RUNS, addressed: { runId: "a", problem } },
      });
    expect(whileAddressed(null)).toBe("a");
    expect(whileAddressed("It is gone.")).toBeNull();
  });

  it("that is not in this browser is said so in place, and not in a notice", () => {
    const store = createAppStore(new URLSearchParams("run=a&step=200"));
    const listed = applyEvent(store.getState(), { type: "runs", runs: [storedRun("b")] });
    const after = applyEvent(listed, { type: "runNotOpened", runId: "a", message: "No." });
    expect(after.stored.addressed?.problem).toMatch(/not in this browser/);
    expect(after.stored.opening).toBeNull();
    expect(after.notices).toEqual([]);
    expect(after.cursor.held).toBeNull();
  });

  it("that is there but cannot be opened says why", () => {
    const opening = createAppStore(new URLSearchParams("run=a")).getState();
    const listed = applyEvent(opening, { type: "runs", runs: [storedRun("b"), storedRun("a")] });
    const refused = { type: "runNotOpened", runId: "a", message: "It is damaged." } as const;
    for (const state of [listed, opening]) {
      expect(applyEvent(state, refused).stored.addressed?.problem).toBe("It is damaged.");
    }
  });

  it("comes back without taking the place of settings that were changed since", () => {
    const { run, config } = { run: presetConfig("tiny"), config: presetConfig("quick") };
    const opened = { runId: "a", name: "A", config: run, steps: [], epochs: [], warning: null };
    const event = { type: "runOpened", run: opened as unknown as OpenedRun } as const;
    const byAddress = createAppStore(new URLSearchParams("preset=quick&run=a")).getState();
    const after = applyEvent(byAddress, event);
    expect(after.config).toEqual(config);
    expect(after.stored.addressed).toBeNull();
    // Opened once more, by hand, its settings come into the form.
    expect(applyEvent(after, event).config).toEqual(run);
  });
});
