import { describe, expect, it } from "vitest";
import { presetConfig } from "../../../src/config/presets.ts";
import { applyEvent } from "../../../src/store/applyEvent.ts";
import {
  comparedIds,
  comparedRuns,
  comparisonFromQuery,
  idsToRead,
  toggled,
  withComparison,
} from "../../../src/store/comparison.ts";
import { newRun } from "../../../src/store/run.ts";
import { type AppState, initialState } from "../../../src/store/state.ts";
import { recordAt } from "../ui/storedRecord.ts";

const idle = initialState("tiny", presetConfig("tiny"));
const records = ["a", "b", "c"].map((runId) => ({ ...recordAt(5), runId, name: `Run ${runId}` }));
const listed: AppState = { ...idle, stored: { ...idle.stored, runs: records } };
const [a] = records as [(typeof records)[number]];

function choosing(chosenIds: string[], changes: Partial<AppState> = {}): AppState {
  return { ...listed, comparison: { ...listed.comparison, chosenIds }, ...changes };
}

describe("the runs that are compared", () => {
  it("are the two newest until some are chosen", () => {
    expect(comparedIds(idle)).toEqual([]);
    expect(comparedIds(listed)).toEqual(["a", "b"]);
    expect(comparedIds(choosing([]))).toEqual([]);
  });

  it("are those that are chosen, in that order, as long as they are stored", () => {
    expect(comparedIds(choosing(["c", "gone", "a"]))).toEqual(["c", "a"]);
  });

  it("come back from the address", () => {
    const query = withComparison(new URLSearchParams("view=compare"), ["b", "a"]);
    expect(comparisonFromQuery(query).chosenIds).toEqual(["b", "a"]);
    expect(comparisonFromQuery(withComparison(query, [])).chosenIds).toEqual([]);
    expect(comparisonFromQuery(new URLSearchParams("view=compare")).chosenIds).toBeNull();
  });

  it("are added and taken out one by one", () => {
    expect(toggled(["a"], "b")).toEqual(["a", "b"]);
    expect(toggled(["a", "b"], "a")).toEqual(["b"]);
  });

  it("are read once, and again when they were stored at a later step", () => {
    const state = choosing(["a", "b"]);
    expect(idsToRead(state)).toEqual(["a", "b"]);
    const read = applyEvent(state, {
      ...{ type: "runRead", run: a, steps: [], epochs: [], snapshots: [] },
    });
    expect(idsToRead(read)).toEqual(["b"]);
    const later = { ...a, step: a.step + 1 };
    expect(
      idsToRead({ ...read, stored: { ...read.stored, runs: [later, ...records.slice(1)] } }),
    ).toEqual(["a", "b"]);
  });

  it("that cannot be read say why, and are not asked for again and again", () => {
    const event = { type: "runNotRead", runId: "a", message: "Damaged." } as const;
    const state = applyEvent(choosing(["a"]), event);
    expect(comparedRuns(state)).toEqual([{ runId: "a", status: "failed", message: "Damaged." }]);
    expect(idsToRead(state)).toEqual([]);
  });

  it("need no reading while they are the one on the page, whose history is at hand", () => {
    const run = newRun({ runId: "a", name: "Before", datasetName: "MNIST", config: idle.config });
    const state = choosing(["a", "b"], { run });
    expect(idsToRead(state)).toEqual(["b"]);
    const [first, second] = comparedRuns(state);
    expect(first).toMatchObject({ status: "read", run: { name: "Run a", snapshots: [] } });
    expect(second).toEqual({ runId: "b", status: "reading" });
  });
});
