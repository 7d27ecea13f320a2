import { SCHEDULES } from "../../diffusion/noiseSchedules.ts";
import { LOSS_WEIGHTS, OBJECTIVES } from "../../diffusion/objectives.ts";
import { TIMESTEP_SAMPLINGS } from "../../diffusion/timestepSamplings.ts";
import { type Hyperparameter, tableHelp } from "./kinds.ts";

export const DIFFUSION = {
  objective: {
    kind: "choice",
    label: "Objective",
    get help() {
      return `What the network predicts. ${tableHelp(OBJECTIVES)}`;
    },
    default: "v",
    options: OBJECTIVES,
  },
  betaSchedule: {
    kind: "choice",
    label: "Noise schedule",
    get help() {
      return `How fast noise takes over. ${tableHelp(SCHEDULES)}`;
    },
    default: "sigmoid",
    options: SCHEDULES,
  },
  noiseSigma: {
    kind: "real",
    label: "Noise sigma",
    help: "How noisy all images are: the standard deviation of the noise, where black is 0 and white is 1. 0.5 is usual (Berkeley CS180).",
    default: 0.5,
    min: 0,
    max: 1,
  },
  timesteps: {
    kind: "integer",
    label: "Diffusion steps T",
    help: "Number of noise levels the network learns to undo (Ho et al. 2020 use 1000).",
    default: 1000,
    min: 10,
    max: 4000,
  },
  timestepSampling: {
    kind: "choice",
    label: "Training timesteps",
    get help() {
      return `Which t the training images get. ${tableHelp(TIMESTEP_SAMPLINGS)}`;
    },
    default: "uniform",
    options: TIMESTEP_SAMPLINGS,
  },
  lossWeight: {
    kind: "choice",
    label: "Loss weight",
    get help() {
      return `How much the squared error counts at each t. ${tableHelp(LOSS_WEIGHTS)}`;
    },
    default: "library",
    options: LOSS_WEIGHTS,
  },
  minSnrGamma: {
    kind: "real",
    label: "Min-SNR gamma",
    help: "Caps the signal-to-noise ratio in the library's weights of the loss, so that nearly clean images do not dominate; 5 is usual, 0 is off (Hang et al. 2023).",
    default: 0,
    min: 0,
    max: 1000,
  },
  offsetNoise: {
    kind: "real",
    label: "Offset noise",
    help: "Adds noise of this strength that is the same for all pixels of an image; 0.1 is usual, 0 is off (Guttenberg 2023).",
    default: 0,
    min: 0,
    max: 1,
  },
} as const satisfies Record<string, Hyperparameter>;
