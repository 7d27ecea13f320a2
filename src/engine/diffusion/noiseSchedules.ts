/**
 * The table of noise schedules. An entry gives beta_t; everything that is computed from it is in `schedule.ts`, and the
 * setting, its help, the curves of its note and the notebook's Python go by this table.
 */
interface ScheduleEntry {
  label: string;
  /** One sentence for the form, with its paper. */
  help: string;
  /** beta_t of each timestep, `[T]`. */
  betas(numTimesteps: number): Float64Array;
}

/** The noise schedules: how fast noise takes over. */
export const SCHEDULES = {
  sigmoid: {
    label: "sigmoid",
    help: "Sigmoid begins and ends slowly (Jabri et al. 2022).",
    /** Sigmoid with start -3, end 3, tau 1 (Jabri et al. 2022, "Scalable adaptive computation"). */
    betas(numTimesteps) {
      const [start, end] = [-3, 3];
      const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
      // The PyTorch original computes these three in float32; weights trained there expect it.
      const vStart = Math.fround(sigmoid(start));
      const vEnd = Math.fround(sigmoid(end));
      const range = Math.fround(vEnd - vStart);
      const alphaBarAt = (progress: number) =>
        (vEnd - sigmoid(progress * (end - start) + start)) / range;
      return betasOf(alphaBarAt, numTimesteps);
    },
  },
  cosine: {
    label: "cosine",
    help: "Cosine begins and ends more slowly still (Nichol and Dhariwal 2021).",
    /** alphaBar(t) = cos^2((t / T + s) / (1 + s) pi / 2), s = 0.008 (Nichol and Dhariwal 2021, eq. 17). */
    betas(numTimesteps) {
      const s = 0.008;
      const alphaBarAt = (progress: number) =>
        Math.cos((((progress + s) / (1 + s)) * Math.PI) / 2) ** 2;
      return betasOf(alphaBarAt, numTimesteps);
    },
  },
  linear: {
    label: "linear",
    help: "Linear adds most of the noise early, so that its last steps change little (Ho et al. 2020).",
    /** Evenly from 1e-4 to 0.02, scaled to T steps (Ho et al. 2020, section 4). */
    betas(numTimesteps) {
      const scale = 1000 / numTimesteps;
      const [start, end] = [scale * 1e-4, scale * 0.02];
      const step = (end - start) / (numTimesteps - 1);
      return Float64Array.from({ length: numTimesteps }, (_, t) => start + t * step);
    },
  },
} as const satisfies Record<string, ScheduleEntry>;

export type ScheduleId = keyof typeof SCHEDULES;

/** beta_t = 1 - alphaBar(t + 1) / alphaBar(t), in [0, 0.999]. */
function betasOf(alphaBarAt: (progress: number) => number, numTimesteps: number): Float64Array {
  return Float64Array.from({ length: numTimesteps }, (_, t) => {
    const ratio = alphaBarAt((t + 1) / numTimesteps) / alphaBarAt(t / numTimesteps);
    return Math.min(Math.max(1 - ratio, 0), 0.999);
  });
}
