import { describe, expect, it } from "vitest";
import {
  axisFrame,
  axisLength,
  denoisingOf,
  denoisingWords,
  longest,
  ownFrame,
} from "../../../../../../src/app/features/results/evolution/denoisingAxis.ts";
import { defaultConfig } from "../../../../../../src/engine/config/hyperparameters.ts";
import type { Snapshot } from "../../../../../../src/runtime/run/events.ts";
import { madeEvolution } from "../../../../../madeEvolution.ts";

describe("the denoising axis", () => {
  const snapshots = [{ numFrames: 1 }, { numFrames: 3 }, { numFrames: 5 }];

  it("is as long as the snapshot with the most frames", () => {
    expect(axisLength(snapshots)).toBe(5);
    expect(axisLength([])).toBe(0);
  });

  it("has every snapshot's noise at its start and its digits at its end", () => {
    expect([0, 1, 2].map((own) => axisFrame(own, 3, 5))).toEqual([0, 2, 4]);
    expect([0, 2, 4].map((at) => ownFrame(at, 3, 5))).toEqual([0, 1, 2]);
  });

  it("shows the digits everywhere of a snapshot that has only them", () => {
    expect(axisFrame(0, 1, 5)).toBe(4);
    expect([0, 2, 4].map((at) => ownFrame(at, 1, 5))).toEqual([0, 0, 0]);
  });

  it("leads back to the frame it came from", () => {
    for (const numFrames of [2, 3, 4, 7, 11]) {
      for (let own = 0; own < numFrames; own++) {
        expect(ownFrame(axisFrame(own, numFrames, 11), numFrames, 11)).toBe(own);
      }
    }
  });
});

describe("the denoising of a snapshot", () => {
  const ofRun = { config: { ...defaultConfig(), distilFrom: 8 }, stepsPerEpoch: 10 };

  it("has the steps of the student that drew it", () => {
    const drawn = (step: number) => denoisingOf({ step, numFrames: 3 }, ofRun).times;
    expect([0, 5, 10, 20, 30].map((step) => drawn(step).length - 1)).toEqual([8, 4, 4, 2, 1]);
    expect(denoisingWords(1, denoisingOf({ step: 20, numFrames: 3 }, ofRun))).toBe(
      "denoising step 1 of 2, t = 499",
    );
  });

  it("has those of the previews of any other run", () => {
    const config = { ...defaultConfig(), previewTimesteps: 6 };
    const { times } = denoisingOf({ step: 25, numFrames: 7 }, { ...ofRun, config });
    expect(times).toHaveLength(7);
  });

  it("is that of the axis where it has the most frames", () => {
    const { snapshots } = madeEvolution({
      numSnapshots: 3,
      count: 1,
      numFrames: 2,
      stepsPerEpoch: 10,
    });
    const [first, ...others] = snapshots as [Snapshot, ...Snapshot[]];
    expect(longest([...others, { ...first, numFrames: 9 }]).numFrames).toBe(9);
  });
});
