import { describe, expect, it } from "vitest";
import { createSchedule } from "../../src/diffusion/schedule.ts";
import { readReference } from "./reference.ts";

const SCHEDULES = ["sigmoid", "cosine", "linear"] as const;
const OBJECTIVES = ["v", "noise", "x0"] as const;

const CASES = SCHEDULES.flatMap((name) => [50, 1000].map((T) => [name, T] as const));

describe.each(CASES)("the %s schedule with T = %i", (betaSchedule, numTimesteps) => {
  const reference = readReference(`schedule-${betaSchedule}-${numTimesteps}`);
  const schedule = createSchedule({ betaSchedule, numTimesteps, objective: "v", minSnrGamma: 0 });

  it.each([
    ["betas", schedule.betas],
    ["alphas_cumprod", schedule.alphaBars],
    ["alphas_cumprod_prev", schedule.alphaBarsPrev],
    ["posterior_variance", schedule.posteriorVariances],
    ["posterior_log_variance_clipped", schedule.posteriorLogVariancesClipped],
    ["posterior_mean_coef1", schedule.posteriorMeanX0Factors],
    ["posterior_mean_coef2", schedule.posteriorMeanXtFactors],
  ] as const)("has the original's %s", (name, table) => {
    expectTable(table, reference.get(name).values, name);
  });

  it.each(
    OBJECTIVES.flatMap((objective) => [
      [objective, "plain", 0] as const,
      [objective, "min_snr", 5] as const,
    ]),
  )("has the original's loss weights for %s, %s", (objective, kind, minSnrGamma) => {
    const name = `loss_weight.pred_${objective}.${kind}`;
    const options = { betaSchedule, numTimesteps, objective, minSnrGamma };
    expectTable(createSchedule(options).lossWeights, reference.get(name).values, name);
  });
});

/** Within 1e-5 of each value, or 1e-7 where that is below 1e-2. */
function expectTable(ours: Float64Array, theirs: ArrayLike<number>, name: string) {
  expect(ours).toHaveLength(theirs.length);
  Array.from(theirs).forEach((expected, t) => {
    const size = Math.abs(expected);
    const bound = Math.max(1e-5 * size, size < 1e-2 ? 1e-7 : 0);
    expect(Math.abs((ours[t] as number) - expected), `${name}[${t}]`).toBeLessThanOrEqual(bound);
  });
}
