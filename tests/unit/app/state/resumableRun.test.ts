import { describe, expect, it } from "vitest";
import { applyEvent } from "../../../../src/app/state/applyEvent.ts";
import { newRun } from "../../../../src/app/state/slices/run.ts";
import {
  isUnfinished,
  NO_STORED_RUNS,
  type ReadableRun,
  shownOrNewestRun,
} from "../../../../src/app/state/slices/storedRuns.ts";
import { initialState } from "../../../../src/app/state/state.ts";
import { presetConfig } from "../../../../src/engine/config/presets.ts";
import type { Broadcast, StoredRun } from "../../../../src/runtime/run/events.ts";

const stored = (runId: string, isFinished = false) => ({ runId, isFinished }) as StoredRun;
const unreadable: StoredRun = {
  runId: "x",
  name: "X",
  problem: "It is damaged.",
  isNewer: false,
};
const runOfId = (runId: string) =>
  newRun({ runId, name: "", dataset: { id: "files", name: "" }, config: presetConfig("tiny") });

describe("the run on the screen, or the newest", () => {
  it.each([
    ["is the newest", [stored("b"), stored("a")], null, "b"],
    ["is the newest also where that is finished", [stored("b", true), stored("a")], null, "b"],
    ["is the newest that can be read", [unreadable, stored("a")], null, "a"],
    ["is the one on the screen", [stored("b"), stored("a")], runOfId("a"), "a"],
    ["is none where that is not stored", [stored("b")], runOfId("a"), null],
    ["is that one also where it is finished", [stored("b"), stored("a", true)], runOfId("a"), "a"],
    ["is none before the storage is open", null, null, null],
  ])("%s", (_, runs, current, expected) => {
    expect(shownOrNewestRun({ ...NO_STORED_RUNS, runs }, current)?.runId ?? null).toBe(expected);
  });
});

it("a run can be trained on until it is finished", () => {
  const [a, b] = [stored("a"), stored("b", true)] as [ReadableRun, ReadableRun];
  expect([a, b, null].map(isUnfinished)).toEqual([true, false, false]);
});

describe("what the worker tells of the storage", () => {
  it("is kept", () => {
    const events: Broadcast[] = [
      { type: "runs", runs: [unreadable] },
      { type: "storageTrouble", message: "Full." },
      { type: "trainingElsewhere", isElsewhere: true, runId: "b" },
    ];
    const state = events.reduce(applyEvent, initialState("tiny", presetConfig("tiny")));
    expect(state.stored).toMatchObject({
      runs: [unreadable],
      trouble: "Full.",
      isTrainingElsewhere: true,
      elsewhereId: "b",
    });
    const mended = applyEvent(state, { type: "storageTrouble", message: null });
    expect(mended.stored.trouble).toBeNull();
  });
});
