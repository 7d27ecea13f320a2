import { describe, expect, it } from "vitest";
import { addSnapshots, NO_EVOLUTION, snapshotAt } from "../../../src/store/evolution.ts";
import type { Snapshot } from "../../../src/worker/protocol.ts";

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
