import { describe, expect, it } from "vitest";
import {
  denoisingWords,
  timestepAt,
} from "../../../../../../src/app/features/results/evolution/denoisingAxis.ts";
import {
  keptStepsWords,
  keptWeightsWords,
} from "../../../../../../src/app/features/results/evolution/EvolutionView.tsx";
import { planeWords } from "../../../../../../src/app/features/results/evolution/PlanePicture.tsx";
import { trainingWords } from "../../../../../../src/app/features/results/evolution/trainingAxis.ts";
import { defaultConfig } from "../../../../../../src/engine/config/hyperparameters.ts";
import { evenTimesteps } from "../../../../../../src/engine/diffusion/spacings.ts";

const config = defaultConfig();

describe("the words of a place", () => {
  it("say step and epoch", () => {
    const ofRun = { config, stepsPerEpoch: 469 };
    expect(trainingWords(0, ofRun)).toBe("at the start of training");
    expect(trainingWords(1, ofRun)).toBe("after 1 step, in epoch 1");
    expect(trainingWords(938, ofRun)).toBe("after 938 steps, the end of epoch 2");
    expect(trainingWords(1200, { config, stepsPerEpoch: null })).toBe("after 1,200 steps");
    expect(trainingWords(938, { ...ofRun, config: { ...config, distilFrom: 8 } })).toBe(
      "after 938 steps, the end of phase 2",
    );
  });

  it("say the denoising step and t", () => {
    const axis = { numFrames: 11, times: evenTimesteps(1000, 10) };
    expect(denoisingWords(0, axis)).toBe("noise, t = 999");
    expect(denoisingWords(3, axis)).toBe("denoising step 3 of 10, t = 699");
    expect(denoisingWords(10, axis)).toBe("samples, t = 0");
    expect(keptStepsWords(axis)).toBeNull();
    expect(planeWords(11, axis)).toBe("a row for each snapshot, a column for each denoising step");
    expect(planeWords(6, axis)).toBe(
      "a row for each snapshot, columns for 5 of 10 denoising steps",
    );
  });

  it("say the step itself where not every one was kept, and how many were", () => {
    const axis = { numFrames: 51, times: evenTimesteps(1000, 250) };
    expect(denoisingWords(0, axis)).toBe("noise, t = 999");
    expect(denoisingWords(3, axis)).toBe("denoising step 15 of 250, t = 939");
    expect(denoisingWords(50, axis)).toBe("samples, t = 0");
    expect(keptStepsWords(axis)).toContain("50 of 250 denoising steps kept");
    expect(planeWords(51, axis)).toMatch(/columns for 50 of 250 denoising steps$/);
  });

  it("say that only digits were kept", () => {
    const axis = { numFrames: 1, times: evenTimesteps(1000, 10) };
    expect(denoisingWords(0, axis)).toBe("samples, t = 0");
    expect(keptStepsWords(axis)).toBe("no denoising steps kept");
  });

  it("say the timesteps of the frames, and 0 of the finished digits", () => {
    const axis = { numFrames: 4, times: [900, 400, 90, -1] };
    expect([0, 1, 2, 3].map((frame) => timestepAt(frame, axis))).toEqual([900, 400, 90, 0]);
  });
});

describe("the weights that a run has in the end", () => {
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
