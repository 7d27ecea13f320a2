import { describe, expect, it } from "vitest";
import { defaultConfig, isUsed } from "../../../../src/engine/config/hyperparameters.ts";
import {
  createNoiseSchedule,
  createSchedule,
  type ScheduleOptions,
} from "../../../../src/engine/diffusion/schedule.ts";
import { sigmoidSchedule } from "../../../sigmoidSchedule.ts";

describe.each([10, 50, 1000, 4000])("the sigmoid schedule with T = %i", (numTimesteps) => {
  const tables = () => createNoiseSchedule("sigmoid", numTimesteps);

  it("has T values in every table", () => {
    const { signals, noises, lossWeights } = sigmoidSchedule(numTimesteps);
    for (const table of [...Object.values(tables()), signals, noises, lossWeights])
      expect(table).toHaveLength(numTimesteps);
  });

  it("follows the sigmoid from -3 to 3, scaled to end at 0", () => {
    const { alphaBars } = tables();
    const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
    // The last beta is cut to 0.999, so the last alphaBar is not 0.
    alphaBars.slice(0, -1).forEach((alphaBar, t) => {
      const progress = (t + 1) / numTimesteps;
      const expected = (sigmoid(3) - sigmoid(6 * progress - 3)) / (sigmoid(3) - sigmoid(-3));
      expect(alphaBar).toBeCloseTo(expected, 6);
    });
    expect(alphaBars[numTimesteps / 2 - 1]).toBeCloseTo(0.5, 6);
  });

  it("adds noise at every step, at most 0.999 of it", () => {
    const { betas, alphaBars } = tables();
    expect(betas.every((beta) => beta > 0 && beta <= 0.999)).toBe(true);
    expect(betas.at(-1)).toBe(0.999);
    expect(alphaBars.at(-1)).toBeGreaterThan(0);
    expect(alphaBars.at(-1)).toBeLessThan(1e-3);
  });

  it("weights losses by snr / (snr + 1)", () => {
    const { lossWeights } = sigmoidSchedule(numTimesteps);
    tables().alphaBars.forEach((alphaBar, t) => {
      const snr = alphaBar / (1 - alphaBar);
      expect(lossWeights[t]).toBeCloseTo(snr / (snr + 1), 12);
    });
  });
});

const scheduleOf = (changes: Partial<ScheduleOptions>) =>
  createSchedule({
    betaSchedule: "linear",
    timesteps: 1000,
    objective: "v",
    lossWeight: "library",
    minSnrGamma: 0,
    noiseSigma: 0.5,
    ...changes,
  });

describe("the linear schedule", () => {
  it.each([
    [1000, 1e-4, 0.02],
    [100, 1e-3, 0.2],
  ])("with T = %i rises evenly from %d to %d", (numTimesteps, first, last) => {
    const { betas, alphaBars } = createNoiseSchedule("linear", numTimesteps);
    betas.forEach((beta, t) => {
      expect(beta).toBeCloseTo(first + (t / (numTimesteps - 1)) * (last - first), 12);
    });
    const kept = betas.reduce((product, beta) => product * (1 - beta), 1);
    expect(alphaBars.at(-1)).toBeCloseTo(kept, 15);
  });
});

describe("the cosine schedule", () => {
  it("follows the square of a cosine, its last beta cut to 0.999", () => {
    const { alphaBars, betas } = createNoiseSchedule("cosine", 1000);
    const squared = (t: number) => Math.cos(((t / 1000 + 0.008) / 1.008) * (Math.PI / 2)) ** 2;
    alphaBars.slice(0, -1).forEach((alphaBar, t) => {
      expect(alphaBar).toBeCloseTo(squared(t + 1) / squared(0), 12);
    });
    expect(betas.at(-1)).toBe(0.999);
  });
});

describe("the posterior", () => {
  const tables = () => createNoiseSchedule("cosine", 50);

  it("of an image without noise is that image a step earlier", () => {
    const schedule = tables();
    schedule.alphaBars.forEach((alphaBar, t) => {
      const mean =
        (schedule.posteriorMeanX0Factors[t] as number) +
        (schedule.posteriorMeanXtFactors[t] as number) * Math.sqrt(alphaBar);
      expect(mean).toBeCloseTo(t === 0 ? 1 : Math.sqrt(schedule.alphaBars[t - 1] as number), 12);
    });
  });

  it("has as much noise as is between the two steps", () => {
    const schedule = tables();
    const { betas, alphaBars, alphaBarsPrev, posteriorVariances } = schedule;
    expect(alphaBarsPrev).toEqual(Float64Array.of(1, ...alphaBars.slice(0, -1)));
    posteriorVariances.forEach((variance, t) => {
      // The variance of x_t given x_0, on either way.
      const factor = schedule.posteriorMeanXtFactors[t] as number;
      const before = 1 - (alphaBarsPrev[t] as number);
      expect(variance + factor ** 2 * (1 - (alphaBars[t] as number))).toBeCloseTo(before, 12);
      expect(factor).toBeCloseTo(
        (Math.sqrt(1 - (betas[t] as number)) * before) / (1 - (alphaBars[t] as number)),
        12,
      );
    });
  });

  it("has the logarithm of its variance, of at least 1e-20", () => {
    const schedule = tables();
    const [first, ...others] = schedule.posteriorLogVariancesClipped;
    expect(schedule.posteriorVariances[0]).toBe(0);
    expect(first).toBeCloseTo(Math.log(1e-20), 12);
    others.forEach((logarithm, i) => {
      expect(Math.exp(logarithm)).toBeCloseTo(schedule.posteriorVariances[i + 1] as number, 12);
    });
  });
});

describe("the weights of the loss", () => {
  const { alphaBars } = createNoiseSchedule("linear", 1000);
  const snrs = alphaBars.map((alphaBar) => alphaBar / (1 - alphaBar));

  it.each([
    ["noise", 0, () => 1],
    ["x0", 0, (snr) => snr],
    ["v", 0, (snr) => snr / (snr + 1)],
    ["noise", 5, (snr) => Math.min(snr, 5) / snr],
    ["x0", 5, (snr) => Math.min(snr, 5)],
    ["v", 5, (snr) => Math.min(snr, 5) / (snr + 1)],
  ] as [ScheduleOptions["objective"], number, (snr: number) => number][])(
    "that predicts %s, with the ratio cut at %d, are those of the paper",
    (objective, minSnrGamma, weight) => {
      const schedule = scheduleOf({ objective, minSnrGamma });
      snrs.forEach((snr, t) => {
        expect((schedule.lossWeights[t] as number) / weight(snr)).toBeCloseTo(1, 12);
      });
    },
  );

  it.each(["noise", "x0", "v"] as const)("that predicts %s can be left out", (objective) => {
    const { lossWeights } = scheduleOf({ objective, lossWeight: "none", minSnrGamma: 5 });
    expect(new Set(lossWeights)).toEqual(new Set([1]));
  });

  it("have a cap to set only where there are any", () => {
    const config = { ...defaultConfig(), minSnrGamma: 5 };
    expect(isUsed("minSnrGamma", config)).toBe(true);
    expect(isUsed("minSnrGamma", { ...config, lossWeight: "none" })).toBe(false);
  });
});

describe("the straight path of flow", () => {
  const flow = (changes: Partial<ScheduleOptions> = {}) =>
    scheduleOf({ objective: "flow", timesteps: 10, ...changes });

  it("goes evenly from image to noise, and ends at noise alone", () => {
    const { signals, noises, noiseSchedule } = flow();
    noises.forEach((noise, t) => {
      expect(noise).toBeCloseTo((t + 1) / 10, 15);
      expect(signals[t]).toBeCloseTo(1 - (t + 1) / 10, 15);
    });
    expect([signals.at(-1), noises.at(-1)]).toEqual([0, 1]);
    expect(noiseSchedule).toBeNull();
  });

  it("is the same whatever noise schedule and weights are set, which are not offered", () => {
    const changes = { betaSchedule: "cosine", lossWeight: "none", minSnrGamma: 5 } as const;
    expect(flow(changes)).toEqual(flow());
    expect(new Set(flow().lossWeights)).toEqual(new Set([1]));
    const config = { ...defaultConfig(), ddimEta: 1 };
    const own = Object.keys(changes) as (keyof typeof changes)[];
    const names = [...own, "ddimEta"] as const;
    expect(names.filter((name) => isUsed(name, config))).toEqual(names);
    expect(names.filter((name) => isUsed(name, { ...config, objective: "flow" }))).toEqual([]);
  });
});
