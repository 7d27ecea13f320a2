/**
 * The table of presets. An entry is a choice of the form, of the page's address and of `--preset`, and names its runs. A
 * browser test of the form's layout tells whether its label fits.
 */
import { isOneLevel } from "../diffusion/objectives.ts";
import { takesPoints } from "../nn/architectures.ts";
import {
  defaultConfig,
  HYPERPARAMETERS,
  type HyperparameterName,
  type RunConfig,
} from "./hyperparameters.ts";
import { isSameNetwork } from "./network.ts";

export interface Preset {
  label: string;
  /** What it is for and how long it takes. */
  description: string;
  /** How much that is, in two words, where nobody has measured it. */
  effort: string;
  /** What differs from the defaults of the table. */
  changes: Partial<RunConfig>;
}

/** With them the samples are as good as those of DDIM with 50 (docs/performance.md). */
const FEW_STEPS = { samplerKind: "dpmpp2m", stepSpacing: "logSnr", samplingTimesteps: 10 } as const;

export const PRESETS = {
  quick: {
    label: "Quick",
    description:
      "A small version of the network that learns on any computer: MNIST’s digits can be read within five minutes on two cores, and are good within ten.",
    effort: "half an hour",
    changes: {
      dim: 8,
      dimMults: [1, 2, 4],
      attnHeads: 1,
      attnDimHead: 16,
      classes: 10,
      guidance: 1.5,
      lossWeight: "none",
      batchSize: 16,
      epochs: 3,
      learningRate: 2e-3,
      warmupSteps: 30,
      lrDecay: "cosine",
      emaDecay: 0.995,
      emaUpdateAfter: 0,
      emaUpdateEvery: 1,
      maxGradNorm: 1,
      validateEvery: 100,
      ...FEW_STEPS,
      previewEvery: 100,
    },
  },
  medium: {
    label: "Medium",
    description:
      "A larger version of Quick, for a computer that can train for a few hours: about four on two cores. The trained model Medium has these settings.",
    effort: "a few hours",
    changes: {
      dim: 16,
      dimMults: [1, 2, 4],
      attnHeads: 2,
      attnDimHead: 16,
      classes: 10,
      labelDropout: 0.2,
      guidance: 1.3,
      lossWeight: "none",
      batchSize: 16,
      epochs: 15,
      learningRate: 1.5e-3,
      warmupSteps: 200,
      lrDecay: "cosine",
      emaDecay: 0.999,
      emaUpdateAfter: 0,
      emaUpdateEvery: 1,
      maxGradNorm: 1,
      validateEvery: 100,
      ...FEW_STEPS,
    },
  },
  laptop: {
    label: "Laptop",
    description:
      "A larger network for integrated graphics, where an epoch should take a few minutes. After three epochs its digits are better than Quick's final ones.",
    effort: "graphics card",
    changes: {
      dim: 24,
      dimMults: [1, 2, 4],
      attnHeads: 4,
      attnDimHead: 16,
      classes: 10,
      guidance: 1.5,
      lossWeight: "none",
      batchSize: 64,
      epochs: 10,
      learningRate: 1e-3,
      warmupSteps: 200,
      lrDecay: "cosine",
      emaDecay: 0.995,
      emaUpdateAfter: 0,
      emaUpdateEvery: 1,
      maxGradNorm: 1,
      validateEvery: 24,
      ...FEW_STEPS,
    },
  },
  oneLevel: {
    label: "One level",
    description:
      "No diffusion yet: Quick's network learns to remove noise of one strength in one pass, as courses begin. A few minutes on two cores.",
    effort: "a few minutes",
    changes: {
      objective: "oneLevel",
      dim: 8,
      dimMults: [1, 2, 4],
      attnHeads: 1,
      attnDimHead: 16,
      lossWeight: "none",
      batchSize: 16,
      epochs: 1,
      learningRate: 2e-3,
      warmupSteps: 30,
      lrDecay: "cosine",
      emaDecay: 0.995,
      emaUpdateAfter: 0,
      emaUpdateEvery: 1,
      maxGradNorm: 1,
      validateEvery: 100,
      previewEvery: 200,
    },
  },
  points: {
    label: "Points",
    description:
      "A small network learns points in the plane, in about ten seconds on one core: what a diffusion model learns can be seen there.",
    effort: "ten seconds",
    changes: {
      architecture: "perceptron",
      numPoints: 16_000,
      objective: "flow",
      timestepSampling: "logitNormal",
      lossWeight: "none",
      batchSize: 256,
      epochs: 16,
      learningRate: 0.01,
      warmupSteps: 20,
      lrDecay: "cosine",
      maxGradNorm: 1,
      emaDecay: 0.99,
      emaUpdateAfter: 0,
      emaUpdateEvery: 1,
      validateEvery: 0,
      evaluateEvery: 0,
      samplingTimesteps: 25,
      previewTimesteps: 10,
      previewEvery: 0,
    },
  },
  assignment: {
    label: "Assignment",
    description:
      "The course assignment's network and training, value for value. Made for a graphics card: without one a step takes several seconds.",
    effort: "graphics card",
    changes: {},
  },
  tiny: {
    label: "Tiny",
    description: "The smallest network, to test that everything runs. Its digits stay rough.",
    effort: "to try out",
    changes: {
      dim: 8,
      dimMults: [1, 2],
      attnHeads: 2,
      attnDimHead: 8,
      batchSize: 8,
      epochs: 1,
      learningRate: 1e-3,
      validateEvery: 200,
      ...FEW_STEPS,
      previewEvery: 200,
    },
  },
} as const satisfies Record<string, Preset>;

export type PresetName = keyof typeof PRESETS;

/** The presets by whether they are of points or of images. */
export function presetNames(of: { points: boolean }): PresetName[] {
  const names = Object.keys(PRESETS) as PresetName[];
  return names.filter((name) => takesPoints(presetConfig(name)) === of.points);
}

/** The preset of a first visit, which learns on every machine. */
export const DEFAULT_PRESET: PresetName = "quick";

export function presetConfig(name: PresetName): RunConfig {
  return { ...defaultConfig(), ...PRESETS[name].changes };
}

/**
 * The settings of a run that begins with a file's weights. How long these were trained does not say how
 * long to go on, and what is measured meanwhile changes nothing: both come from the nearest preset.
 *
 * @param file its settings; without `hasSettings` they are the page's, and returned as they are
 */
export function nextRunConfig(file: { config: RunConfig; hasSettings: boolean }): RunConfig {
  if (!file.hasSettings) return file.config;
  const defaults = presetConfig(nearestPreset(file.config));
  const { epochs, validateEvery, previewEvery, distilFrom, reflowSteps } = defaults;
  return { ...file.config, epochs, validateEvery, previewEvery, distilFrom, reflowSteps };
}

/** The preset that a run began with, or where this version has no such one the nearest. */
export function presetOfRun({ preset, config }: { preset: string; config: RunConfig }): PresetName {
  return Object.hasOwn(PRESETS, preset) ? (preset as PresetName) : nearestPreset(config);
}

/** The settings that differ from the preset's, also those without an effect, in the order of the table. */
export function settingsChangedFrom(preset: PresetName, config: RunConfig): HyperparameterName[] {
  return settingsThatDiffer(config, presetConfig(preset));
}

/** In the order of the table. */
export function settingsThatDiffer(config: RunConfig, other: RunConfig): HyperparameterName[] {
  const names = Object.keys(HYPERPARAMETERS) as HyperparameterName[];
  return names.filter((name) => String(config[name]) !== String(other[name]));
}

/**
 * The preset from which settings differ least, of those with the same network if there are any. Points are another task than
 * images, and one noise level is another one, whatever network learns it.
 */
export function nearestPreset(config: RunConfig): PresetName {
  const hasOneLevel = ({ objective }: RunConfig) => isOneLevel(objective);
  const isOfPoints = takesPoints(config);
  const all = presetNames({ points: isOfPoints }).filter(
    (name) => isOfPoints || hasOneLevel(presetConfig(name)) === hasOneLevel(config),
  );
  const same = all.filter((name) => isSameNetwork(presetConfig(name), config));
  const numDifferences = (name: PresetName) => settingsChangedFrom(name, config).length;
  return (same.length > 0 ? same : all).reduce((best, name) =>
    numDifferences(name) < numDifferences(best) ? name : best,
  );
}
