import type { ScheduleId } from "../../src/engine/diffusion/noiseSchedules.ts";
import { createNoiseSchedule, createSchedule } from "../../src/engine/diffusion/schedule.ts";
import type { Comparison, Reference } from "./reference.ts";

/** Relative; below 1e-2 the same as 1e-7 absolute. */
const BOUND = 1e-5;
const SMALL = 1e-2;

/** `schedule-<name>-<T>.safetensors`, table by table. */
export function* compareSchedule(reference: Reference): Generator<Comparison> {
  const [, betaSchedule, steps] = reference.name.split("-") as [string, ScheduleId, string];
  const others = { lossWeight: "library", noiseSigma: 0.5 } as const;
  const base = { betaSchedule, timesteps: Number(steps), ...others };
  const schedule = createNoiseSchedule(betaSchedule, base.timesteps);
  const tables: [string, Float64Array][] = [
    ["betas", schedule.betas],
    ["alphas_cumprod", schedule.alphaBars],
    ["alphas_cumprod_prev", schedule.alphaBarsPrev],
    ["posterior_variance", schedule.posteriorVariances],
    ["posterior_log_variance_clipped", schedule.posteriorLogVariancesClipped],
    ["posterior_mean_coef1", schedule.posteriorMeanX0Factors],
    ["posterior_mean_coef2", schedule.posteriorMeanXtFactors],
  ];
  for (const objective of ["v", "noise", "x0"] as const) {
    for (const [kind, minSnrGamma] of [
      ["plain", 0],
      ["min_snr", 5],
    ] as const) {
      const { lossWeights } = createSchedule({ ...base, objective, minSnrGamma });
      tables.push([`loss_weight.pred_${objective}.${kind}`, lossWeights]);
    }
  }
  for (const [quantity, ours] of tables) {
    const theirs = reference.get(quantity).values;
    yield { quantity, error: largestError(ours, theirs), bound: BOUND };
  }
}

function largestError(ours: ArrayLike<number>, theirs: ArrayLike<number>): number {
  if (ours.length !== theirs.length) return Number.POSITIVE_INFINITY;
  const errors = Array.from(theirs, (expected, t) => {
    const difference = Math.abs((ours[t] as number) - expected);
    return difference / Math.max(Math.abs(expected), SMALL);
  });
  return Math.max(...errors);
}
