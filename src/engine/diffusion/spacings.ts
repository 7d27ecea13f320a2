/** The table of the spacings of sampling steps: which timesteps a sampler visits. Forms and commands offer them. */
import type { Schedule } from "./schedule.ts";

/** What a spacing needs to know of a schedule. */
export type NoiseLevels = Pick<Schedule, "numTimesteps" | "signals" | "noises">;

interface SpacingEntry {
  /** As written in the middle of a sentence. */
  label: string;
  /** One sentence for the form. */
  help: string;
  /**
   * The timesteps that a sampler visits, falling; the last is -1, the finished image.
   *
   * @param numSteps 1 to T, of all the way from pure noise
   * @param from the timestep of the images to denoise, in [0, T), which then comes first, followed by
   *   proportionally fewer steps, at least one; null for pure noise
   */
  timesteps(levels: NoiseLevels, numSteps: number, from: number | null): number[];
}

/** The range of log(alpha^2 / sigma^2), alpha and sigma the factors of image and noise, that steps are spread over. */
const [FIRST, LAST] = [-4.4, 3];

/** How the timesteps of a sampler are chosen. */
export const SPACINGS = {
  even: {
    label: "even in t",
    help: "Even in t spreads the steps evenly over all T noise levels (Song et al. 2021).",
    timesteps({ numTimesteps }, numSteps, from) {
      const numLeft = (from ?? numTimesteps - 1) + 1;
      return evenTimesteps(numLeft, Math.max(1, Math.round((numSteps * numLeft) / numTimesteps)));
    },
  },
  logSnr: {
    label: "even in log-SNR",
    help: "Even in log-SNR hurries through the noisiest levels, where no digit can be seen yet, so that a few steps do more (Lu et al. 2022).",
    timesteps({ numTimesteps, signals, noises }, numSteps, from) {
      // Rising with t.
      const negated = Float64Array.from(
        { length: numTimesteps },
        (_, t) => -2 * Math.log((signals[t] as number) / (noises[t] as number)),
      );
      const first = from ?? numTimesteps - 1;
      const begin = Math.max(FIRST, -(negated[first] as number));
      const share = Math.max(0, (LAST - begin) / (LAST - FIRST));
      const numLeft = Math.max(1, Math.min(first + 1, Math.round(numSteps * share)));
      // The first images are as noisy as they are, wherever the equal parts begin.
      const times = [first];
      for (let i = 1; i < numLeft; i++) {
        const nearest = nearestIndex(negated, -(begin + ((LAST - begin) * i) / numLeft));
        // Where there are more steps than timesteps, each still has its own.
        const most = (times[i - 1] as number) - 1;
        times.push(Math.min(most, Math.max(numLeft - 1 - i, nearest)));
      }
      return [...times, -1];
    },
  },
} as const satisfies Record<string, SpacingEntry>;

/** Settings and samplers that name no spacing have this one. */
export const DEFAULT_SPACING = "even" satisfies SpacingId;

/** The index of the nearest value in a table of rising ones; the later one of two. */
function nearestIndex(rising: Float64Array, wanted: number): number {
  const reached = rising.findIndex((value) => value >= wanted);
  const i = reached === -1 ? rising.length - 1 : reached;
  const distance = (at: number) => Math.abs((rising[at] as number) - wanted);
  return i > 0 && distance(i - 1) < distance(i) ? i - 1 : i;
}

export type SpacingId = keyof typeof SPACINGS;

/**
 * The integer parts of `numSteps` + 1 values spread evenly over [-1, T - 1], falling, in float32 and
 * from both ends as PyTorch's linspace computes them.
 */
export function evenTimesteps(numTimesteps: number, numSteps: number): number[] {
  const step = Math.fround(numTimesteps / numSteps);
  const times = Array.from({ length: numSteps + 1 }, (_, i) =>
    i < Math.floor((numSteps + 1) / 2)
      ? Math.fround(-1 + Math.fround(i * step))
      : Math.fround(numTimesteps - 1 - Math.fround((numSteps - i) * step)),
  );
  return times.map(Math.trunc).toReversed();
}
