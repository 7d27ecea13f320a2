import { describe, expect, it } from "vitest";
import {
  evenPlaces,
  PICTURE,
} from "../../../../../../src/app/features/results/evolution/axes/axisPlaces.ts";
import {
  lossAt,
  lossStripCurve,
  placeOfStep,
  stepOfPlace,
} from "../../../../../../src/app/features/results/evolution/axes/lossStrip.ts";
import { trainingTicks } from "../../../../../../src/app/features/results/evolution/axes/trainingTicks.ts";
import {
  denoisingWords,
  keptStepsWords,
  keptWeightsWords,
  planeWords,
  timestepAt,
  trainingWords,
} from "../../../../../../src/app/features/results/evolution/text.ts";
import { keyMove } from "../../../../../../src/app/features/results/evolution/useScrubKeys.ts";
import { defaultConfig } from "../../../../../../src/engine/config/hyperparameters.ts";
import { evenTimesteps } from "../../../../../../src/engine/diffusion/spacings.ts";
import { madeEvolution } from "../../../../../madeEvolution.ts";

const steps = (...of: number[]) => of.map((step) => ({ step }));

describe("the training axis", () => {
  const snapshots = steps(0, 50, 100, 500);

  it("has snapshots evenly, and the steps in line between them", () => {
    expect([0, 25, 50, 300, 500, 900].map((step) => placeOfStep(snapshots, step))).toEqual([
      0, 0.5, 1, 2.5, 3, 3,
    ]);
  });

  it("leads from a place to its step and back", () => {
    expect([-1, 0, 0.5, 2.5, 3, 9].map((place) => stepOfPlace(snapshots, place))).toEqual([
      0, 0, 25, 300, 500, 500,
    ]);
  });

  it("has marks where epochs ended, and numbers on as many as have room", () => {
    const epochs = Array.from({ length: 12 }, (_, i) => ({ epoch: i + 1, step: 10 * (i + 1) }));
    const ends = steps(0, 5, ...epochs.map(({ step }) => step));
    const { unit, ticks } = trainingTicks(ends, epochs, 90);
    expect(unit).toBe("epoch");
    expect(ticks).toHaveLength(12);
    expect(ticks.filter(({ label }) => label)).toEqual([
      { index: 6, label: "5" },
      { index: 11, label: "10" },
    ]);
  });

  it("has the steps before an epoch has ended, as many as have room", () => {
    expect(trainingTicks(steps(0, 50, 100, 1200), [], 170)).toEqual({
      unit: "step",
      ticks: [
        { index: 0, label: "0" },
        { index: 1, label: null },
        { index: 2, label: "100" },
        { index: 3, label: "1,200" },
      ],
    });
  });
});

describe("the words of a place", () => {
  it("say step and epoch", () => {
    expect(trainingWords(0, 469)).toBe("at the start of training");
    expect(trainingWords(1, 469)).toBe("after 1 step, in epoch 1");
    expect(trainingWords(938, 469)).toBe("after 938 steps, the end of epoch 2");
    expect(trainingWords(1200, null)).toBe("after 1,200 steps");
    expect(trainingWords(938, 469, "phase")).toBe("after 938 steps, the end of phase 2");
  });

  it("say the denoising step and t", () => {
    const axis = { axis: 11, times: evenTimesteps(1000, 10) };
    expect(denoisingWords(0, axis)).toBe("noise, t = 999");
    expect(denoisingWords(3, axis)).toBe("denoising step 3 of 10, t = 699");
    expect(denoisingWords(10, axis)).toBe("digits, t = 0");
    expect(keptStepsWords(axis)).toBeNull();
    expect(planeWords(11, axis)).toBe("a row for each snapshot, a column for each denoising step");
    expect(planeWords(6, axis)).toBe(
      "a row for each snapshot, columns for 5 of 10 denoising steps",
    );
  });

  it("say the step itself where not every one was kept, and how many were", () => {
    const axis = { axis: 51, times: evenTimesteps(1000, 250) };
    expect(denoisingWords(0, axis)).toBe("noise, t = 999");
    expect(denoisingWords(3, axis)).toBe("denoising step 15 of 250, t = 939");
    expect(denoisingWords(50, axis)).toBe("digits, t = 0");
    expect(keptStepsWords(axis)).toContain("50 of 250 denoising steps kept");
    expect(planeWords(51, axis)).toMatch(/columns for 50 of 250 denoising steps$/);
  });

  it("say that only digits were kept", () => {
    const axis = { axis: 1, times: evenTimesteps(1000, 10) };
    expect(denoisingWords(0, axis)).toBe("digits, t = 0");
    expect(keptStepsWords(axis)).toBe("no denoising steps kept");
  });

  it("say the timesteps of the frames, and 0 of the finished digits", () => {
    const axis = { axis: 4, times: [900, 400, 90, -1] };
    expect([0, 1, 2, 3].map((frame) => timestepAt(frame, axis))).toEqual([900, 400, 90, 0]);
  });
});

describe("the pictures of the pad", () => {
  it("are each of another place, where fewer are there than have room", () => {
    expect(evenPlaces(3, 1028)).toEqual([
      { index: 0, at: 14 },
      { index: 1, at: 514 },
      { index: 2, at: 1014 },
    ]);
  });

  it("are at the end where there is but one", () => {
    expect(evenPlaces(1, 1028)).toEqual([{ index: 0, at: 1014 }]);
  });

  it("do not overlap, and show both ends", () => {
    const places = evenPlaces(110, 1300);
    expect(places[0]).toEqual({ index: 0, at: 14 });
    expect(places.at(-1)?.index).toBe(109);
    expect(places.at(-1)?.at).toBeCloseTo(1286);
    for (const [i, { at }] of places.slice(1).entries()) {
      expect(at - (places[i]?.at ?? 0)).toBeGreaterThanOrEqual(PICTURE);
    }
  });
});

describe("the loss above the slider", () => {
  const made = madeEvolution({ numSnapshots: 8, count: 1, numFrames: 1, stepsPerEpoch: 500 });

  it("lies in line with the snapshots, the highest at the top, in few points", () => {
    const curve = lossStripCurve(made.steps, made.snapshots);
    expect(curve?.points.length).toBeLessThanOrEqual(400);
    expect(curve?.points.at(-1)?.[0]).toBe(1);
    const depths = curve?.points.map(([, y]) => y) ?? [];
    expect([Math.min(...depths), Math.max(...depths)]).toEqual([0, 1]);
    expect(depths[0]).toBe(0);
  });

  it("ends at the newest snapshot", () => {
    const [first, second] = made.snapshots;
    const curve = lossStripCurve(made.steps, first && second ? [first, second] : []);
    expect(curve?.steps).toHaveLength(50);
    expect(curve && lossAt(curve, 999)).toBe(curve?.losses.at(-1));
  });

  it("is not there before there are two snapshots", () => {
    expect(lossStripCurve(made.steps, made.snapshots.slice(0, 1))).toBeNull();
    expect(lossStripCurve([], made.snapshots)).toBeNull();
  });
});

describe("the keys", () => {
  const shown = { index: 20, frame: 5, axis: 11, snapshots: [...Array(110)] };

  it("go through training to the sides and through denoising up and down", () => {
    const moves = ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"].map((key) =>
      keyMove(key, shown, false),
    );
    expect(moves).toEqual([{ index: 19 }, { index: 21 }, { frame: 4 }, { frame: 6 }]);
  });

  it("go to the ends of the axis that has the focus, training without one", () => {
    const ends = (isDenoising: boolean) =>
      ["Home", "End"].map((key) => keyMove(key, shown, isDenoising));
    expect(ends(false)).toEqual([{ index: 0 }, { index: 109 }]);
    expect(ends(true)).toEqual([{ frame: 0 }, { frame: 10 }]);
  });

  it("are no others", () => {
    expect(keyMove("a", shown, false)).toBeNull();
  });
});

describe("the weights that a run has in the end", () => {
  const config = defaultConfig();
  const epochs = [0.3, 0.1, 0.2].map((validationLoss, i) => ({
    epoch: i + 1,
    step: 5 * (i + 1),
    trainLoss: 0.2,
    validationLoss,
    bucketLosses: [],
    wallTimeMs: i,
  }));

  it("are the best epoch's where it stopped early, which its newest snapshot does not show", () => {
    expect(keptWeightsWords({ config, status: "stoppedEarly", epochs })).toBe(
      "Sampling uses the weights of epoch 2, the best",
    );
  });

  it("are else those of its newest snapshot", () => {
    expect(keptWeightsWords({ config, status: "finished", epochs })).toBeNull();
    expect(
      keptWeightsWords({ config, status: "stoppedEarly", epochs: epochs.slice(0, 2) }),
    ).toBeNull();
    expect(keptWeightsWords({ config, status: "stoppedEarly", epochs: [] })).toBeNull();
  });
});
