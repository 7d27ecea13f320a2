import { describe, expect, it } from "vitest";
import { PRESETS, type PresetName, presetConfig } from "../../../../src/engine/config/presets.ts";
import {
  evenFrames,
  evenIndices,
  isSnapshotStep,
  keptFrames,
  SNAPSHOT,
} from "../../../../src/engine/config/snapshotSteps.ts";

const MNIST_IMAGES = 60_000;

type Schedule = Parameters<typeof isSnapshotStep>[1];

function snapshotSteps(lastStep: number, schedule: Schedule): number[] {
  const steps = Array.from({ length: lastStep + 1 }, (_, step) => step);
  return steps.filter((step) => isSnapshotStep(step, schedule));
}

describe("snapshots", () => {
  it("come at the start, densely early on, and after every epoch", () => {
    expect(snapshotSteps(1000, { previewEvery: 0, stepsPerEpoch: 469 })).toEqual([
      ...[0, 50, 100, 200, 400, 469, 800, 938],
    ]);
  });

  it("come besides every so many steps where one asks for that, each step once", () => {
    expect(snapshotSteps(400, { previewEvery: 100, stepsPerEpoch: 250 })).toEqual([
      ...[0, 50, 100, 200, 250, 300, 400],
    ]);
  });

  it("come after every step of a run whose epochs are of one step, and after its last", () => {
    expect(snapshotSteps(3, { previewEvery: 0, stepsPerEpoch: 1 })).toEqual([0, 1, 2, 3]);
  });

  it("come ever more seldom, and never stop to come", () => {
    const schedule = { previewEvery: 0, stepsPerEpoch: 1e9 };
    expect(snapshotSteps(30_000, schedule)).toEqual([
      ...[0, 50, 100, 200, 400, 800, 1600, 3200, 6400, 12_800, 25_600],
    ]);
  });

  // A training step is three passes of its batch through the network, one forward and two back.
  it.each(Object.keys(PRESETS) as PresetName[])(
    "of a whole run on MNIST take less than 5%% of the passes that its training takes: %s",
    (name) => {
      const config = presetConfig(name);
      const stepsPerEpoch = Math.ceil(
        MNIST_IMAGES / (config.batchSize * config.gradientAccumulation),
      );
      const numSteps = stepsPerEpoch * config.epochs;
      const { previewEvery, previewTimesteps } = config;
      const numSnapshots = snapshotSteps(numSteps, { previewEvery, stepsPerEpoch }).length;
      expect(numSnapshots).toBeGreaterThan(10);
      const ofSnapshots = numSnapshots * SNAPSHOT.count * previewTimesteps;
      const ofTraining = config.epochs * MNIST_IMAGES * 3;
      expect(ofSnapshots / ofTraining).toBeLessThan(0.05);
    },
  );
});

describe("the frames that are kept of a snapshot", () => {
  it("are all of them up to 51", () => {
    expect(keptFrames(3)).toEqual([0, 1, 2, 3]);
    expect(keptFrames(50)).toEqual(Array.from({ length: 51 }, (_, i) => i));
  });

  it("are 51 of more, evenly chosen, each once, from the first to the last", () => {
    for (const timesteps of [51, 60, 99, 1000]) {
      const kept = keptFrames(timesteps);
      expect([kept.length, new Set(kept).size]).toEqual([51, 51]);
      expect([kept[0], kept.at(-1)]).toEqual([0, timesteps]);
      const gaps = kept.slice(1).map((frame, i) => frame - (kept[i] as number));
      expect(Math.max(...gaps) - Math.min(...gaps)).toBeLessThanOrEqual(1);
    }
  });

  it("are the noise and the digits where there are two, the digits where there is one", () => {
    expect(evenFrames(2, 10)).toEqual([0, 10]);
    expect(evenFrames(1, 10)).toEqual([10]);
  });
});

describe("some of many, evenly spread", () => {
  it("are all where there is room, else with the first and the last, one alone the last", () => {
    expect(evenIndices(4, 9)).toEqual([0, 1, 2, 3]);
    expect(evenIndices(9, 3)).toEqual([0, 4, 8]);
    expect(evenIndices(9, 1)).toEqual([8]);
    expect(evenIndices(0, 3)).toEqual([]);
  });
});
