/**
 * The one table of hyperparameters. The form, its help texts and limits, the URL keys, the presets
 * and the type `RunConfig` are all derived from it: to add a hyperparameter, add an entry here.
 */

export const IMAGE_SIZE = 28;

interface Described {
  label: string;
  /** One sentence for the person at the form: what it does and, where one exists, its source. */
  help: string;
  group: "model" | "diffusion" | "training" | "sampling" | "saving";
}
interface NumberHyperparameter extends Described {
  kind: "integer" | "real";
  default: number;
  min: number;
  max: number;
}
interface IntegersHyperparameter extends Described {
  kind: "integers";
  default: readonly number[];
  min: number;
  max: number;
  maxLength: number;
}
interface ChoiceHyperparameter extends Described {
  kind: "choice";
  default: string;
  /** The first is the usual one. */
  options: readonly { value: string; label: string }[];
}
interface SwitchHyperparameter extends Described {
  kind: "switch";
  default: boolean;
}
export type Hyperparameter =
  | NumberHyperparameter
  | IntegersHyperparameter
  | ChoiceHyperparameter
  | SwitchHyperparameter;

/** Defaults are the assignment's values, so that the preset Assignment is the table itself. */
export const HYPERPARAMETERS = {
  dim: {
    group: "model",
    kind: "integer",
    label: "Base width",
    help: "Channels after the first convolution; every level's width is a multiple of it (Unet's dim).",
    default: 32,
    min: 4,
    max: 128,
  },
  dimMults: {
    group: "model",
    kind: "integers",
    label: "Width multipliers",
    help: "One factor per resolution level, outermost first; each further level halves the image (Unet's dim_mults).",
    default: [1, 2, 5],
    min: 1,
    max: 16,
    maxLength: 5,
  },
  attnHeads: {
    group: "model",
    kind: "integer",
    label: "Attention heads",
    help: "Heads of every attention layer (Unet's attn_heads; Vaswani et al. 2017).",
    default: 4,
    min: 1,
    max: 16,
  },
  attnDimHead: {
    group: "model",
    kind: "integer",
    label: "Channels per head",
    help: "Query, key and value channels of one attention head (Unet's attn_dim_head).",
    default: 32,
    min: 4,
    max: 64,
  },
  dropout: {
    group: "model",
    kind: "real",
    label: "Dropout",
    help: "Share of the activations after the first half of each ResNet block that training sets to 0 (Srivastava et al. 2014).",
    default: 0,
    min: 0,
    max: 0.9,
  },
  selfCondition: {
    group: "model",
    kind: "switch",
    label: "Self-conditioning",
    help: "The network also sees the image it predicted the step before, in half of the training steps (Chen et al. 2022).",
    default: false,
  },
  objective: {
    group: "diffusion",
    kind: "choice",
    label: "Objective",
    help: "What the network predicts: the noise (Ho et al. 2020), or v or the image x0 (Salimans and Ho 2022).",
    default: "v",
    options: [
      { value: "v", label: "v" },
      { value: "noise", label: "noise" },
      { value: "x0", label: "x0" },
    ],
  },
  betaSchedule: {
    group: "diffusion",
    kind: "choice",
    label: "Noise schedule",
    help: "How fast noise takes over: sigmoid (Jabri et al. 2022), cosine (Nichol and Dhariwal 2021), linear (Ho et al. 2020).",
    default: "sigmoid",
    options: [
      { value: "sigmoid", label: "sigmoid" },
      { value: "cosine", label: "cosine" },
      { value: "linear", label: "linear" },
    ],
  },
  timesteps: {
    group: "diffusion",
    kind: "integer",
    label: "Diffusion steps T",
    help: "Number of noise levels the network learns to undo (Ho et al. 2020 use 1000).",
    default: 1000,
    min: 10,
    max: 4000,
  },
  minSnrGamma: {
    group: "diffusion",
    kind: "real",
    label: "Min-SNR gamma",
    help: "Caps the signal-to-noise ratio in the weight of the loss, so that nearly clean images do not dominate; 5 is usual, 0 is off (Hang et al. 2023).",
    default: 0,
    min: 0,
    max: 1000,
  },
  offsetNoise: {
    group: "diffusion",
    kind: "real",
    label: "Offset noise",
    help: "Adds noise of this strength that is the same for all pixels of an image; 0.1 is usual, 0 is off (Guttenberg 2023).",
    default: 0,
    min: 0,
    max: 1,
  },
  batchSize: {
    group: "training",
    kind: "integer",
    label: "Batch size",
    help: "Images per training step; split into micro-batches by itself when memory is short.",
    default: 128,
    min: 1,
    max: 1024,
  },
  gradientAccumulation: {
    group: "training",
    kind: "integer",
    label: "Gradient accumulation",
    help: "Batches whose mean gradient makes one step, like one batch this many times as large (the library's gradient_accumulate_every).",
    default: 1,
    min: 1,
    max: 64,
  },
  epochs: {
    group: "training",
    kind: "integer",
    label: "Epochs",
    help: "Passes over the training images.",
    default: 100,
    min: 1,
    max: 10_000,
  },
  learningRate: {
    group: "training",
    kind: "real",
    label: "Learning rate",
    help: "Step size of AdamW after the warm-up (Loshchilov and Hutter 2019).",
    default: 4e-4,
    min: 1e-7,
    max: 0.1,
  },
  warmupSteps: {
    group: "training",
    kind: "integer",
    label: "Warm-up steps",
    help: "The learning rate rises linearly from 0 over this many steps (Goyal et al. 2017); 0 is off.",
    default: 0,
    min: 0,
    max: 100_000,
  },
  beta1: {
    group: "training",
    kind: "real",
    label: "Adam beta 1",
    help: "Decay of the running mean of the gradient (Kingma and Ba 2015).",
    default: 0.9,
    min: 0,
    max: 0.9999,
  },
  beta2: {
    group: "training",
    kind: "real",
    label: "Adam beta 2",
    help: "Decay of the running mean of the squared gradient (Kingma and Ba 2015).",
    default: 0.999,
    min: 0,
    max: 0.99999,
  },
  adamEps: {
    group: "training",
    kind: "real",
    label: "Adam epsilon",
    help: "Added to the root of the second moment, against division by zero (Kingma and Ba 2015).",
    default: 1e-8,
    min: 1e-12,
    max: 1e-2,
  },
  weightDecay: {
    group: "training",
    kind: "real",
    label: "Weight decay",
    help: "Decoupled: weights shrink by learning rate x this each step (Loshchilov and Hutter 2019).",
    default: 0.01,
    min: 0,
    max: 1,
  },
  maxGradNorm: {
    group: "training",
    kind: "real",
    label: "Gradient clip",
    help: "Gradients are scaled down when their global norm is larger (Pascanu et al. 2013); 0 is off.",
    default: 0,
    min: 0,
    max: 1000,
  },
  emaDecay: {
    group: "training",
    kind: "real",
    label: "EMA decay",
    help: "Samples are drawn from a moving average of the weights with this decay; 0 is off, 0.995 is the library's (ema_pytorch's beta).",
    default: 0,
    min: 0,
    max: 0.99999,
  },
  emaUpdateAfter: {
    group: "training",
    kind: "integer",
    label: "EMA after",
    help: "For this many steps the average is just the weights; then its decay rises as 1 - (1 + steps)^(-2/3) (ema_pytorch's update_after_step).",
    default: 100,
    min: 0,
    max: 100_000,
  },
  emaUpdateEvery: {
    group: "training",
    kind: "integer",
    label: "EMA every",
    help: "Training steps between two updates of the moving average (ema_pytorch's update_every).",
    default: 10,
    min: 1,
    max: 1000,
  },
  validationNoise: {
    group: "training",
    kind: "choice",
    label: "Validation noise",
    help: "Fixed: the same noise and evenly spread timesteps every epoch and run, so that losses compare. Fresh: drawn anew, as the assignment did.",
    default: "fixed",
    options: [
      { value: "fixed", label: "fixed" },
      { value: "fresh", label: "fresh" },
    ],
  },
  seed: {
    group: "training",
    kind: "integer",
    label: "Seed",
    help: "Initial weights, order of the images, timesteps and noise all follow from it.",
    default: 0,
    min: 0,
    max: 4_294_967_295,
  },
  samplingTimesteps: {
    group: "sampling",
    kind: "integer",
    label: "Sampling steps",
    help: "Steps from noise to digit: DDIM, fewer is faster and a little coarser (Song et al. 2021); all T of them are ancestral sampling (Ho et al. 2020).",
    default: 250,
    min: 1,
    max: 4000,
  },
  ddimEta: {
    group: "sampling",
    kind: "real",
    label: "DDIM eta",
    help: "Fresh noise in each DDIM step: 0 none, 1 as much as ancestral sampling has (Song et al. 2021).",
    default: 0,
    min: 0,
    max: 1,
  },
  interpolationNoise: {
    group: "sampling",
    kind: "real",
    label: "Interpolation noise",
    help: "Between two images: both are noised for this share of the T steps, mixed, and denoised again; 1 forgets them, 0 keeps both (Ho et al. 2020, figure 8).",
    default: 0.5,
    min: 0,
    max: 1,
  },
  previewEvery: {
    group: "sampling",
    kind: "integer",
    label: "Preview every",
    help: "After this many training steps the same noise is denoised again, so that one sees the digits improve; 0 is off.",
    default: 100,
    min: 0,
    max: 100_000,
  },
  previewTimesteps: {
    group: "sampling",
    kind: "integer",
    label: "Preview steps",
    help: "DDIM steps of such a preview.",
    default: 20,
    min: 1,
    max: 1000,
  },
  checkpointMinutes: {
    group: "saving",
    kind: "real",
    label: "Checkpoint every",
    help: "Minutes between two checkpoints in this browser; besides, one is saved after every epoch, on Pause and Stop, and when the page is hidden. 0 leaves it at those.",
    default: 1,
    min: 0,
    max: 1440,
  },
  patience: {
    group: "saving",
    kind: "integer",
    label: "Patience",
    help: "Training stops after this many epochs in a row without a lower validation loss, and keeps the best weights (Prechelt 1998); 0 is off.",
    default: 0,
    min: 0,
    max: 10_000,
  },
  minGain: {
    group: "saving",
    kind: "real",
    label: "Minimum gain",
    help: "By how much the validation loss must fall to count as lower for the patience.",
    default: 0,
    min: 0,
    max: 10,
  },
} as const satisfies Record<string, Hyperparameter>;

export type HyperparameterName = keyof typeof HYPERPARAMETERS;
type ValueOf<H> = H extends { kind: "integers" }
  ? readonly number[]
  : H extends { kind: "choice"; options: readonly { value: infer V }[] }
    ? V
    : H extends { kind: "switch" }
      ? boolean
      : number;
export type RunConfig = {
  -readonly [K in HyperparameterName]: ValueOf<(typeof HYPERPARAMETERS)[K]>;
};

/** Every hyperparameter at the table's default: the assignment's configuration. */
export function defaultConfig(): RunConfig {
  const entries = Object.entries(HYPERPARAMETERS).map(([name, h]) => [name, h.default]);
  return Object.fromEntries(entries) as RunConfig;
}
