import { describe, expect, it } from "vitest";
import { PRESETS, type PresetName, presetConfig } from "../../../../src/engine/config/presets.ts";
import {
  classRows,
  evenFrames,
  evenIndices,
  isSnapshotStep,
  keptFrames,
  snapshotCondition,
  snapshotCount,
} from "../../../../src/engine/config/snapshotSteps.ts";

const MNIST_IMAGES = 60_000;

type Schedule = Parameters<typeof isSnapshotStep>[1];

function snapshotSteps(
  lastStep: number,
  {
    classes = 0,
    distilFrom = 0,
    ...schedule
  }: Partial<Schedule> & Pick<Schedule, "previewEvery" | "stepsPerEpoch">,
): number[] {
  const steps = Array.from({ length: lastStep + 1 }, (_, step) => step);
  return steps.filter((step) => isSnapshotStep(step, { classes, distilFrom, ...schedule }));
}

describe("snapshots", () => {
  it("come at the start, densely early on, and after every epoch", () => {
    expect(snapshotSteps(1000, { previewEvery: 0, stepsPerEpoch: 469 })).toEqual([
      ...[0, 50, 100, 200, 400, 469, 800, 938],
    ]);
  });

  it("come at the start but of a distillation, whose first student still is its teacher", () => {
    const phases = { distilFrom: 32, previewEvery: 0, stepsPerEpoch: 70 };
    expect(snapshotSteps(150, phases)).toEqual([50, 70, 100, 140]);
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

  it.each([
    ["less than 800 steps apart", 100, [800, 1600, 2400]],
    ["no divisor of 800 apart", 300, [900, 1800]],
    ["far apart already", 900, [900, 1800]],
    ["none", 0, []],
  ])("of classes come at most every 800 steps, early ones besides: %s", (_, previewEvery, more) => {
    const schedule = { previewEvery, classes: 10, stepsPerEpoch: 1e9 };
    const early = [0, 50, 100, 200, 400, 800, 1600];
    const all = [...new Set([...early, ...more])].sort((a, b) => a - b);
    expect(snapshotSteps(2500, schedule)).toEqual(all);
  });

  // A training step is three passes of its batch through the network, one forward and two back.
  it.each(Object.keys(PRESETS) as PresetName[])(
    "of a whole run on MNIST take less than a twentieth of the passes that its training takes, a tenth with classes: %s",
    (name) => {
      for (const classes of [0, 10]) {
        const config = { ...presetConfig(name), classes };
        const stepsPerEpoch = Math.ceil(
          MNIST_IMAGES / (config.batchSize * config.gradientAccumulation),
        );
        const numSteps = stepsPerEpoch * config.epochs;
        const numSnapshots = snapshotSteps(numSteps, { ...config, stepsPerEpoch }).length;
        expect(numSnapshots).toBeGreaterThan(5);
        const ofSnapshots = numSnapshots * snapshotCount(config) * config.previewTimesteps;
        const ofTraining = config.epochs * MNIST_IMAGES * 3;
        expect(ofSnapshots / ofTraining).toBeLessThan(classes > 0 ? 0.1 : 0.05);
      }
    },
  );
});

describe("the frames that are kept of a snapshot", () => {
  it("are all of them up to 51", () => {
    expect(keptFrames(3, 16)).toEqual([0, 1, 2, 3]);
    expect(keptFrames(50, 16)).toEqual(Array.from({ length: 51 }, (_, i) => i));
  });

  it("are 51 of more, evenly chosen, each once, from the first to the last", () => {
    for (const timesteps of [51, 60, 99, 1000]) {
      const kept = keptFrames(timesteps, 16);
      expect([kept.length, new Set(kept).size]).toEqual([51, 51]);
      expect([kept[0], kept.at(-1)]).toEqual([0, timesteps]);
      const gaps = kept.slice(1).map((frame, i) => frame - (kept[i] as number));
      expect(Math.max(...gaps) - Math.min(...gaps)).toBeLessThanOrEqual(1);
    }
  });

  it("of more digits are fewer, so that no snapshot takes more bytes than one of 16", () => {
    expect(keptFrames(10, 100)).toEqual([0, 2, 4, 6, 8, 10]);
    expect(keptFrames(5, 100)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(keptFrames(11, 100)).toEqual([0, 2, 3, 5, 6, 8, 9, 11]);
    for (const count of [16, 20, 50, 94, 100]) {
      expect(keptFrames(1000, count).length * count).toBeLessThanOrEqual(51 * 16);
    }
  });

  it("are the noise and the digits where there are two, the digits where there is one", () => {
    expect(evenFrames(2, 10)).toEqual([0, 10]);
    expect(evenFrames(1, 10)).toEqual([10]);
  });
});

describe("the digits of a snapshot", () => {
  it("are 16 without classes, in no order, and ask for nothing", () => {
    expect(snapshotCount({ classes: 0 })).toBe(16);
    expect(classRows(16, { classes: 0 })).toBeNull();
    expect(snapshotCondition({ classes: 0, guidance: 2 })).toBeNull();
  });

  it.each([
    [10, 100, 10, 10],
    [5, 50, 10, 10],
    [1, 10, 10, 10],
    [20, 100, 5, 10],
    [47, 94, 2, 10],
    [62, 62, 1, 8],
    [256, 100, 1, 10],
  ])("of %i classes are %i, %i of each, %i in a row", (classes, count, perClass, columns) => {
    expect(snapshotCount({ classes })).toBe(count);
    expect(classRows(count, { classes })).toEqual({ perClass, columns });
    const { labels = [], guidance } = snapshotCondition({ classes, guidance: 2 }) ?? {};
    expect([labels.length, guidance]).toEqual([count, 2]);
    expect(labels.slice(0, perClass + 1)).toEqual([
      ...new Array(perClass).fill(0),
      ...(classes > 1 ? [1] : []),
    ]);
    expect(labels.at(-1)).toBe(Math.min(classes, 100) - 1);
  });

  it("have no rows by class where there are as many as were drawn without", () => {
    expect(classRows(16, { classes: 10 })).toBeNull();
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
