/** Of the table of hyperparameters: the network, and what diffusion asks of it. */
import { OBJECTIVES } from "../diffusion/objectives.ts";
import { SCHEDULES } from "../diffusion/schedule.ts";
import { type Hyperparameter, tableHelp } from "./hyperparameterKinds.ts";

export const MODEL_HYPERPARAMETERS = {
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
    get help() {
      return `What the network predicts. ${tableHelp(OBJECTIVES)}`;
    },
    default: "v",
    options: OBJECTIVES,
  },
  betaSchedule: {
    group: "diffusion",
    kind: "choice",
    label: "Noise schedule",
    get help() {
      return `How fast noise takes over. ${tableHelp(SCHEDULES)}`;
    },
    default: "sigmoid",
    options: SCHEDULES,
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
} as const satisfies Record<string, Hyperparameter>;
