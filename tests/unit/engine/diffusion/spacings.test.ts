import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { defaultConfig } from "../../../../src/engine/config/hyperparameters.ts";
import { SCHEDULES, type ScheduleId } from "../../../../src/engine/diffusion/noiseSchedules.ts";
import { createSchedule } from "../../../../src/engine/diffusion/schedule.ts";
import { SPACINGS, type SpacingId } from "../../../../src/engine/diffusion/spacings.ts";
import { sigmoidSchedule } from "../../../sigmoidSchedule.ts";

const schedule = sigmoidSchedule(1000);
const logSnr = (t: number) =>
  2 * Math.log((schedule.signals[t] as number) / (schedule.noises[t] as number));

function isFalling(times: readonly number[]): boolean {
  return times.every((t, i) => i === 0 || t < (times[i - 1] as number));
}

describe("steps even in log-SNR", () => {
  const times = SPACINGS.logSnr.timesteps(schedule, 10, null);

  it("go from pure noise over equal parts of -4.4 to 3 to the finished image", () => {
    expect(times).toHaveLength(11);
    expect(times[0]).toBe(999);
    expect(times.at(-1)).toBe(-1);
    for (const [i, t] of times.slice(1, -1).entries()) {
      // Half of the way to the next timestep.
      expect(Math.abs(logSnr(t) - (-4.4 + (7.4 * (i + 1)) / 10))).toBeLessThan(0.02);
    }
  });

  it("are one, or all timesteps", () => {
    expect(SPACINGS.logSnr.timesteps(schedule, 1, null)).toEqual([999, -1]);
    const all = SPACINGS.logSnr.timesteps(schedule, 1000, null);
    expect(all).toEqual(Array.from({ length: 1001 }, (_, i) => 999 - i));
  });

  it("begin with the timestep of an image, and take its part of the steps", () => {
    // Log-SNR is 0 between 500 and 501.
    expect(Math.abs(logSnr(500))).toBeLessThan(0.02);
    const half = SPACINGS.logSnr.timesteps(schedule, 20, 500);
    expect(half[0]).toBe(500);
    expect(half).toHaveLength(1 + Math.round((20 * 3) / 7.4));
    expect(logSnr(half[1] as number)).toBeCloseTo(3 / 8, 1);
    // From -4.4 on an image takes the same steps as pure noise.
    expect(SPACINGS.logSnr.timesteps(schedule, 10, 990)).toEqual([990, ...times.slice(1)]);
    // Less noise than the last step has.
    expect(SPACINGS.logSnr.timesteps(schedule, 10, 3)).toEqual([3, -1]);
  });
});

describe("every spacing", () => {
  const ids = Object.keys(SPACINGS) as SpacingId[];

  it.each(ids)(
    "%s falls to -1 with as many steps as asked for, or from an image with fewer",
    (id) => {
      const cases = fc
        .record({
          betaSchedule: fc.constantFrom(...(Object.keys(SCHEDULES) as ScheduleId[])),
          timesteps: fc.integer({ min: 10, max: 4000 }),
        })
        // With fewer the linear schedule leaves the range of a variance.
        .filter(({ betaSchedule, timesteps }) => betaSchedule !== "linear" || timesteps > 20)
        .chain((of) =>
          fc.tuple(
            fc.constant(of),
            fc.integer({ min: 1, max: of.timesteps }),
            fc.integer({ min: 0, max: of.timesteps - 1 }),
          ),
        );
      fc.assert(
        fc.property(cases, ([of, numSteps, from]) => {
          const levels = createSchedule({ ...defaultConfig(), ...of });
          const whole = SPACINGS[id].timesteps(levels, numSteps, null);
          expect(whole).toHaveLength(numSteps + 1);
          expect(whole.at(-1)).toBe(-1);
          expect(whole[0]).toBeLessThan(of.timesteps);
          expect(isFalling(whole)).toBe(true);
          const part = SPACINGS[id].timesteps(levels, numSteps, from);
          expect(part[0]).toBe(from);
          expect(part.at(-1)).toBe(-1);
          expect(isFalling(part)).toBe(true);
          expect(part.length).toBeLessThanOrEqual(whole.length);
        }),
        { seed: 1, numRuns: 60 },
      );
    },
  );
});
