/**
 * The table of objectives: what the network predicts. An entry needs its two formulas in `objectiveFormulas.ts`, for
 * which the compiler asks, and a row in `tests/unit/engine/train/gradient.test.ts`, which computes each independently. A
 * distance other than the squared error begins in `engine/ops/diffusionLoss.ts`.
 */
/** An objective, without TensorFlow.js; its formulas are in `objectiveFormulas.ts`. */
interface ObjectiveEntry {
  label: string;
  /** One sentence for the form, with its paper. */
  help: string;
  /** Ends the sentence "The network predicts …". */
  predicted: string;
  /**
   * The library's weight of an image's squared error, from its signal-to-noise ratio; `clipped` is that
   * ratio, bounded if the loss has Min-SNR weights (Hang et al. 2023).
   */
  lossWeight(snr: number, clipped: number): number;
  /** How images are mixed with noise: as the noise schedule says, along a straight line, or at one level, see `createSchedule`. */
  path: "schedule" | "straight" | "oneLevel";
  /** What the weight does as long as the ratio is not clipped, for the page; null for none. */
  weighting: string | null;
}

const AS_NOISE = "weighted by t so that it equals that of the noise";

/** What the network can predict. The weights make the losses of the first three equal to that of the noise. */
export const OBJECTIVES = {
  v: {
    label: "v",
    help: "v is a mixture of noise and image that is worth learning at every t (Salimans and Ho 2022).",
    predicted: "v",
    lossWeight: (snr, clipped) => clipped / (snr + 1),
    path: "schedule",
    weighting: AS_NOISE,
  },
  noise: {
    label: "noise",
    help: "Noise is what was added to the image (Ho et al. 2020).",
    predicted: "the noise",
    lossWeight: (snr, clipped) => clipped / snr,
    path: "schedule",
    weighting: null,
  },
  x0: {
    label: "x0",
    help: "x0 is the image without noise (Salimans and Ho 2022).",
    predicted: "the image x₀",
    lossWeight: (_, clipped) => clipped,
    path: "schedule",
    weighting: AS_NOISE,
  },
  flow: {
    label: "flow",
    help: "Flow is the direction from the image straight to the noise: it has a path of its own, without noise schedule (Lipman et al. 2023).",
    predicted: "the flow ε − x₀",
    lossWeight: () => 1,
    path: "straight",
    weighting: null,
  },
  oneLevel: {
    label: "image at one noise level",
    help: "Image at one noise level is the image, too, but all are equally noisy, and the network is told no t: a denoiser of one pass (Vincent et al. 2008).",
    predicted: "the image x₀",
    lossWeight: () => 1,
    path: "oneLevel",
    weighting: null,
  },
} as const satisfies Record<string, ObjectiveEntry>;

export type ObjectiveId = keyof typeof OBJECTIVES;

/**
 * Whether an objective has the straight path: no noise schedule, no weights of the loss, and no fresh noise
 * in sampling. False for one that is unknown.
 */
export function isStraight(objective: ObjectiveId): boolean {
  return pathOf(objective) === "straight";
}

/** Whether an objective has one noise level, and so one timestep. False for one that is unknown. */
export function isOneLevel(objective: ObjectiveId): boolean {
  return pathOf(objective) === "oneLevel";
}

function pathOf(objective: ObjectiveId): ObjectiveEntry["path"] | undefined {
  const entries: Partial<Record<string, ObjectiveEntry>> = OBJECTIVES;
  return entries[objective]?.path;
}

/** T with an objective: the setting, or 1 where there is one noise level. */
export function numTimestepsOf(settings: { objective: ObjectiveId; timesteps: number }): number {
  return isOneLevel(settings.objective) ? 1 : settings.timesteps;
}

interface LossWeightEntry {
  label: string;
  /** When to choose it, for the form. */
  help: string;
  /** The settings it has that not every entry has. */
  hyperparameters: readonly string[];
  /** From that of the library. */
  weight(ofLibrary: number): number;
  /** What that does, from what the library's does; null for none. */
  weighting(ofLibrary: string | null): string | null;
}

/** Where the weight of an image's squared error comes from. */
export const LOSS_WEIGHTS = {
  library: {
    label: "library",
    help: "Library: errors count as in the PyTorch library, the same for every objective. Choose it to repeat the assignment, or to compare the losses of objectives.",
    hyperparameters: ["minSnrGamma"],
    weight: (ofLibrary) => ofLibrary,
    weighting: (ofLibrary) => ofLibrary,
  },
  none: {
    label: "none",
    help: "None: every t counts the same. Choose it for clearer digits from a network with classes.",
    hyperparameters: [],
    weight: () => 1,
    weighting: () => null,
  },
} as const satisfies Record<string, LossWeightEntry>;

export type LossWeightId = keyof typeof LOSS_WEIGHTS;
