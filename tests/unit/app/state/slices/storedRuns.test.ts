import { describe, expect, it } from "vitest";
import { applyEvent } from "../../../../../src/app/state/applyEvent.ts";
import { afterFile } from "../../../../../src/app/state/opening.ts";
import { withoutExport } from "../../../../../src/app/state/slices/storedRuns.ts";
import { type AppState, initialState } from "../../../../../src/app/state/state.ts";
import { presetConfig } from "../../../../../src/engine/config/presets.ts";
import type { LoadedWeights, OpenedRun } from "../../../../../src/runtime/run/events.ts";
import { recordAt } from "../../shared/storedRecord.ts";

const idle = initialState("quick", presetConfig("quick"));
const IMPORTED = { type: "runImported", requestId: "file", runId: "a", name: "Long" } as const;
const NEWEST = { isNewest: true, keepsForm: false };

function listing(changes: Partial<AppState> = {}): AppState {
  return { ...idle, view: "runs", ...changes };
}

describe("the list of runs", () => {
  it("comes to the front with a run that a file has brought, and points at it", () => {
    const loading = { ...idle, weights: { ...idle.weights, loading: "run.safetensors" } };
    const { view, stored, weights } = afterFile(loading, { ...IMPORTED, gaps: null }, NEWEST);
    expect([view, stored.importedId]).toEqual(["runs", "a"]);
    expect(weights.loading).toBeNull();
  });

  it("points at a run whose history has gaps, and says how many", () => {
    const gaps = "40 of 89 steps are missing from the history.";
    const { notices } = afterFile(listing(), { ...IMPORTED, gaps }, NEWEST);
    expect(notices).toMatchObject([{ tone: "info", message: expect.stringContaining(gaps) }]);
  });

  const opened: OpenedRun = {
    ...recordAt(5),
    dataset: { id: "files", name: "" },
    startedFrom: null,
    status: "finished",
    steps: [],
    epochs: [],
    warning: null,
  };

  it("makes room for Train when a run is opened", () => {
    const sampling = listing({ weights: { ...idle.weights, loaded: {} as LoadedWeights } });
    const { view, weights } = applyEvent(sampling, { type: "runOpened", run: opened });
    expect(view).toBe("train");
    expect(weights).toEqual(idle.weights);
  });

  it("makes room, and what is lost of the run that is opened is told and stays told", () => {
    const run: OpenedRun = { ...opened, status: "stopped", warning: "Steps 6 to 9 are lost." };
    const after = applyEvent(listing(), { type: "runOpened", run });
    const message = expect.stringContaining("Steps 6 to 9 are lost.");
    const notices = [{ tone: "info", message, source: null }];
    expect(after.notices).toMatchObject(notices);
    expect(after.view).toBe("train");
    const again = applyEvent(after, { type: "runStatus", runId: run.runId, status: "training" });
    expect(again.notices).toMatchObject(notices);
  });

  it("says why a run was not changed", () => {
    const { notices } = applyEvent(idle, { type: "runNotChanged", message: "Full." });
    expect(notices).toMatchObject([{ tone: "error", message: "Full.", source: "run" }]);
  });

  it("stays when one cannot be opened, and says why", () => {
    const event = { type: "runNotOpened", runId: "a", message: "Damaged." } as const;
    const { view, notices } = applyEvent(listing(), event);
    expect(view).toBe("runs");
    expect(notices).toMatchObject([{ tone: "error", message: "Damaged." }]);
  });

  it("makes room when the file to import holds weights only: the page shows those", () => {
    const weights = { fileName: "w", config: presetConfig("tiny") } as LoadedWeights;
    const loaded = { type: "weightsLoaded", requestId: "file", weights } as const;
    expect(afterFile(listing(), loaded, NEWEST).view).toBe("train");
  });
});

describe("a run that is exported", () => {
  const exporting = (...runIds: string[]): AppState => {
    return { ...idle, stored: { ...idle.stored, exporting: runIds } };
  };

  it("is busy until as many files have come as were asked for", () => {
    const once = withoutExport(exporting("a", "b", "a").stored, "a");
    expect(once.exporting).toEqual(["b", "a"]);
    expect(withoutExport(once, "a").exporting).toEqual(["b"]);
  });

  it("is no longer waited for when the worker is gone", () => {
    const event = { type: "fault", cause: "error", message: "Gone.", details: "" } as const;
    expect(applyEvent(exporting("a"), event).stored.exporting).toEqual([]);
  });
});

it("how far a run is opened or exported is known until it is", () => {
  const event = { type: "runProgress", runId: "a", fraction: 0.5 } as const;
  const before = applyEvent(idle, event);
  expect(before.stored.progress).toEqual({ runId: "a", fraction: 0.5 });
  expect(withoutExport(before.stored, "a").progress).toBeNull();
  const ending = { type: "runNotOpened", runId: "a", message: "" } as const;
  expect(applyEvent(before, ending).stored.progress).toBeNull();
});
