import { describe, expect, it } from "vitest";
import {
  comparedIds,
  comparedRuns,
  isReading,
  toggled,
  withChosen,
} from "../../../../../src/app/features/runs/compare/comparedRuns.ts";
import type { Outcome } from "../../../../../src/app/state/client/answers.ts";
import {
  afterReading,
  runsToRead,
  withRequested,
} from "../../../../../src/app/state/slices/comparison.ts";
import { newRun } from "../../../../../src/app/state/slices/run.ts";
import { type AppState, initialState } from "../../../../../src/app/state/state.ts";
import { presetConfig } from "../../../../../src/engine/config/presets.ts";
import { recordAt } from "../../shared/storedRecord.ts";

const idle = initialState("tiny", presetConfig("tiny"));
const records = ["a", "b", "c"].map((runId) => ({ ...recordAt(5), runId, name: `Run ${runId}` }));
const listed: AppState = { ...idle, stored: { ...idle.stored, runs: records } };
const [a] = records as [(typeof records)[number]];

function choosing(chosenIds: string[], changes: Partial<AppState> = {}): AppState {
  return { ...listed, comparison: { ...listed.comparison, chosenIds }, ...changes };
}

function toRead(state: AppState): string[] {
  return runsToRead(state).map(({ runId }) => runId);
}

/** The state after the worker has read a run, or has failed to for a reason. */
function afterAnswer(
  state: AppState,
  { runId }: Pick<typeof a, "runId">,
  problem?: string,
): AppState {
  const end = { type: "runRead", requestId: "r", steps: [], epochs: [], snapshots: [] } as const;
  const outcome: Outcome<"reading"> =
    problem === undefined
      ? { status: "done", end: { ...end, steps: [], epochs: [], snapshots: [] } }
      : { status: "failed", message: problem, isLost: false };
  return { ...state, comparison: afterReading(state.comparison, runId, outcome) };
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

  it("have their places among those that are stored, whatever was chosen before them", () => {
    let state = choosing(["gone", "b", "c"]);
    for (const record of records.slice(1)) {
      const comparison = withRequested(state.comparison, record);
      state = afterAnswer({ ...state, comparison }, record);
    }
    expect(comparedRuns(state).map(({ runId, run }) => [runId, run?.place])).toEqual([
      ["b", 0],
      ["c", 1],
    ]);
  });

  it("keep their figure when others are chosen", () => {
    const state = choosing(["a"]).comparison;
    expect(withChosen({ ...state, figure: "stepMs" }, ["b"]).figure).toBe("stepMs");
  });

  it("are added and taken out one by one", () => {
    expect(toggled(["a"], "b")).toEqual(["a", "b"]);
    expect(toggled(["a", "b"], "a")).toEqual(["b"]);
  });

  it("are asked for once, and again when they were saved anew", () => {
    const state = choosing(["a", "b"]);
    expect(toRead(state)).toEqual(["a", "b"]);
    const asked = { ...state, comparison: withRequested(state.comparison, a) };
    expect(toRead(asked)).toEqual(["b"]);
    const read = afterAnswer(asked, a);
    expect(toRead(read)).toEqual(["b"]);
    const later = [{ ...a, savedMs: a.savedMs + 1 }, ...records.slice(1)];
    const savedAnew = { ...read, stored: { ...read.stored, runs: later } };
    expect(toRead(savedAnew)).toEqual(["a", "b"]);
    // What was read before stays on the page meanwhile.
    const again = {
      ...savedAnew,
      comparison: withRequested(read.comparison, later[0] as typeof a),
    };
    expect(toRead(again)).toEqual(["b"]);
    expect(comparedRuns(again)[0]?.run).not.toBeNull();
  });

  it("that cannot be read say why, and are tried again when they are ticked again", () => {
    const state = choosing(["a"]);
    const asked = { ...state, comparison: withRequested(state.comparison, a) };
    const failed = afterAnswer(asked, { runId: "a" }, "Damaged.");
    expect(comparedRuns(failed)).toEqual([{ runId: "a", run: null, problem: "Damaged." }]);
    expect([asked, failed].map((at) => isReading(comparedRuns(at)))).toEqual([true, false]);
    expect(toRead(failed)).toEqual([]);
    const without = withChosen(failed.comparison, []);
    expect(toRead({ ...failed, comparison: withChosen(without, ["a"]) })).toEqual(["a"]);
  });

  it("are forgotten when they are no longer chosen, also when they come late", () => {
    const state = choosing(["a", "b"]);
    const asked = { ...state, comparison: withRequested(state.comparison, a) };
    const without = { ...asked, comparison: withChosen(asked.comparison, ["b"]) };
    expect(without.comparison.readings).toEqual({});
    expect(afterAnswer(without, a).comparison.readings).toEqual({});
  });

  it("have the name that they were given last", () => {
    const state = choosing(["a"]);
    const asked = { ...state, comparison: withRequested(state.comparison, a) };
    const read = afterAnswer(asked, a);
    const renamed = [{ ...a, name: "Another" }];
    const [compared] = comparedRuns({ ...read, stored: { ...read.stored, runs: renamed } });
    expect(compared).toMatchObject({ run: { name: "Another" } });
  });

  it("need no reading while they are the one on the page, whose history is at hand", () => {
    const run = newRun({
      runId: "a",
      name: "Before",
      dataset: { id: "mnist", name: "MNIST" },
      config: idle.config,
    });
    const state = choosing(["a", "b"], { run });
    expect(toRead(state)).toEqual(["b"]);
    const [first, second] = comparedRuns(state);
    expect(first).toMatchObject({ run: { name: "Run a", snapshots: [] } });
    expect(second).toEqual({ runId: "b", run: null, problem: null });
    const snapshots = [{ step: 1 }] as unknown as AppState["evolution"]["snapshots"];
    const live = { ...state, evolution: { runId: "a", snapshots } };
    expect(comparedRuns(live)[0]?.run?.snapshots).toBe(snapshots);
    const [, read] = comparedRuns(
      afterAnswer(
        { ...state, comparison: withRequested(state.comparison, records[1] as typeof a) },
        records[1] as typeof a,
      ),
    );
    expect([first, read]).toMatchObject([{ run: { place: 0 } }, { run: { place: 1 } }]);
  });
});
