/** The settings of how digits are drawn and measured. */
import type { ObjectiveId } from "../../diffusion/objectives.ts";
import { stepSamplers } from "../../diffusion/samplers.ts";
import { DEFAULT_SPACING, SPACINGS } from "../../diffusion/spacings.ts";
import { EPOCH_SAMPLES } from "../epochSamples.ts";
import { type Hyperparameter, tableHelp } from "./kinds.ts";

export const SAMPLING = {
  samplingTimesteps: {
    kind: "integer",
    label: "Sampling steps",
    help: "Steps from noise to digit: fewer is faster and a little coarser.",
    default: 250,
    min: 1,
    max: 4000,
  },
  /** Not `sampler`, which in addresses is that of Draw. */
  samplerKind: {
    kind: "choice",
    label: "Sampler",
    get help() {
      return samplersHelp();
    },
    default: "ddim",
    get options() {
      return stepSamplers();
    },
  },
  stepSpacing: {
    kind: "choice",
    label: "Spacing of steps",
    get help() {
      return `Which noise levels the steps stop at. ${tableHelp(SPACINGS)}`;
    },
    default: DEFAULT_SPACING,
    options: SPACINGS,
  },
  ddimEta: {
    kind: "real",
    label: "DDIM eta",
    help: "Fresh noise in each DDIM step: 0 none, 1 as much as ancestral sampling has (Song et al. 2021). With all T steps DDIM is ancestral sampling, whatever eta is (Ho et al. 2020).",
    default: 0,
    min: 0,
    max: 1,
  },
  guidance: {
    kind: "real",
    label: "Guidance",
    help: "How strongly a network with classes is pushed toward the digit you ask for: 0 ignores it, 1 takes the network's own answer, 2 to 4 give clearer digits that look more alike. Anything but 0 and 1 takes two network passes a step (Ho and Salimans 2022).",
    default: 1,
    min: 0,
    max: 8,
  },
  interpolationNoise: {
    kind: "real",
    label: "Interpolation noise",
    help: "Between two images: both are noised for this share of the T steps, mixed, and denoised again; 1 forgets them, 0 keeps both (Ho et al. 2020, figure 8).",
    default: 0.5,
    min: 0,
    max: 1,
  },
  previewEvery: {
    kind: "integer",
    label: "Preview every",
    help: "The same noise is denoised again and again, so that you see the digits improve: at the start, after 50, 100, 200, 400, … training steps and after every epoch. This adds a preview every N steps (at least 20 apart, with classes 800; 0 adds none). Each is kept with the run: 138 KB at 10 preview steps, with classes 470 KB for ten digits of each.",
    default: 0,
    min: 0,
    max: 100_000,
  },
  previewTimesteps: {
    kind: "integer",
    label: "Preview steps",
    help: "Steps from noise to digits in such a preview, with the sampler above. At most 51 frames of each are kept: 138 KB at 10 steps, 640 KB from 50 on.",
    default: 10,
    min: 1,
    max: 1000,
  },
  evaluateEvery: {
    kind: "integer",
    label: "Measure every",
    help: `Epochs between two measurements of quality, of ${EPOCH_SAMPLES.count} samples that are always drawn from the same noise; the last epoch is measured, too. 0 is off.`,
    default: 0,
    min: 0,
    max: 10_000,
  },
} as const satisfies Record<string, Hyperparameter>;

/** Explains the samplers, as they are with an objective where one is given. */
export function samplersHelp(objective?: ObjectiveId): string {
  return `How the noise is taken away step by step. ${tableHelp(stepSamplers(objective))}`;
}
