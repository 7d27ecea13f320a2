import { describe, expect, it } from "vitest";
import { applyEvent } from "../../../../../src/app/state/applyEvent.ts";
import {
  addSnapshots,
  NO_EVOLUTION,
  pixelsAt,
  pointedSnapshot,
  snapshotAt,
} from "../../../../../src/app/state/slices/evolution.ts";
import { runOf } from "../../../../../src/app/state/slices/run.ts";
import { initialState } from "../../../../../src/app/state/state.ts";
import { presetConfig } from "../../../../../src/engine/config/presets.ts";
import type { Broadcast, OpenedRun, Snapshot } from "../../../../../src/runtime/run/events.ts";
import { recordAt } from "../../shared/storedRecord.ts";

function snapshot(step: number, gray = 0): Snapshot {
  const pixels = new Uint8Array(28 * 28).fill(gray);
  return { step, wallTimeMs: 1000 + step, count: 1, numFrames: 1, pixels };
}

const added = (of: typeof NO_EVOLUTION, runId: string, snapshots: Snapshot[]) =>
  addSnapshots(of, { type: "snapshots", runId, snapshots });

describe("the snapshots of a run", () => {
  it("stand in the order of their steps, each once: the newer one of a step counts", () => {
    const before = added(NO_EVOLUTION, "a", [snapshot(0), snapshot(100)]);
    const { snapshots } = added(before, "a", [snapshot(100, 255), snapshot(50)]);
    expect(snapshots.map(({ step, pixels }) => [step, pixels[0]])).toEqual([
      [0, 0],
      [50, 0],
      [100, 255],
    ]);
  });

  it("are those of one run", () => {
    const before = added(NO_EVOLUTION, "a", [snapshot(0)]);
    const after = added(before, "b", [snapshot(50)]);
    expect(after.runId).toBe("b");
    expect(after.snapshots.map(({ step }) => step)).toEqual([50]);
  });

  it("are found by the step they were the newest at", () => {
    const { snapshots } = added(
      NO_EVOLUTION,
      "a",
      [50, 100, 200].map((step) => snapshot(step)),
    );
    const stepAt = (step: number) => snapshotAt(snapshots, step)?.step;
    expect([0, 50, 99, 100, 5000].map(stepAt)).toEqual([50, 50, 50, 100, 200]);
    expect(snapshotAt([], 100)).toBeNull();
  });
});

describe("pointing into the loss", () => {
  const state = {
    ...initialState("quick", presetConfig("quick")),
    evolution: added(
      NO_EVOLUTION,
      "a",
      [0, 100].map((step) => snapshot(step)),
    ),
  };
  const pointingAt = (pointed: number | null) => ({ ...state, cursor: { pointed, held: 100 } });

  it("shows the digits of that step, while they follow training", () => {
    expect(pointedSnapshot(pointingAt(60))?.step).toBe(0);
    expect(pointedSnapshot(pointingAt(100))?.step).toBe(100);
    expect(pointedSnapshot(pointingAt(null))).toBeNull();
  });

  it("leaves one's own digits where they are", () => {
    const samples = { ...state.samples, view: "person" } as const;
    expect(pointedSnapshot({ ...pointingAt(60), samples })).toBeNull();
  });
});

describe("the frames of a snapshot", () => {
  it("are each all of its digits", () => {
    const pixels = new Uint8Array(3 * 2 * 28 * 28).map((_, i) => Math.floor(i / (2 * 28 * 28)));
    const three = { ...snapshot(0), pixels, count: 2, numFrames: 3 };
    expect(pixelsAt(three, 1)).toEqual(new Uint8Array(2 * 28 * 28).fill(1));
  });
});

describe("the evolution that is shown", () => {
  const opened = (runId: string): OpenedRun => ({
    ...recordAt(5),
    runId,
    dataset: { id: "files", name: "" },
    startedFrom: null,
    status: "training",
    steps: [],
    epochs: [],
    warning: null,
  });
  const idle = initialState("quick", presetConfig("quick"));
  const training = { ...idle, run: runOf(opened("a")) };
  const drawn = (runId: string): Broadcast => ({
    type: "snapshots",
    runId,
    snapshots: [snapshot(0)],
  });

  it("is that of the run, and of no other", () => {
    expect(applyEvent(training, drawn("a")).evolution.snapshots).toHaveLength(1);
    expect(applyEvent(training, drawn("b")).evolution).toEqual(NO_EVOLUTION);
    expect(applyEvent(idle, drawn("a")).evolution).toEqual(NO_EVOLUTION);
  });

  it("stays when the run ends or its worker is lost", () => {
    const { evolution, ...state } = applyEvent(training, drawn("a"));
    const events = [
      { type: "runStatus", runId: "a", status: "finished" },
      { type: "fault", cause: "error", message: "", details: "" },
    ] as const;
    for (const event of events) {
      expect(applyEvent({ ...state, evolution }, event).evolution).toEqual(evolution);
    }
  });

  it("begins anew when a run is opened, also the same one at an earlier step", () => {
    const before = applyEvent(training, drawn("a"));
    for (const runId of ["a", "b"]) {
      const { evolution } = applyEvent(before, { type: "runOpened", run: opened(runId) });
      expect(evolution).toEqual({ runId, snapshots: [] });
    }
  });
});
