/**
 * The table of trained models that come with the page. An entry needs its file and card in `public/models`, and what
 * `npm run evaluate -- --json` wrote of it in `tests/fixtures`; `tests/unit/engine/train/shippedModel.test.ts` holds the
 * card and the settings here to the file.
 */
import { distillationConfig } from "../../engine/config/distillation.ts";
import type { RunConfig } from "../../engine/config/hyperparameters.ts";
import { presetConfig } from "../../engine/config/presets.ts";
import type { DatasetId } from "../../engine/data/datasets.ts";

/** What is said of a network that comes with the app. The figures are of 2,000 samples, as its card has them. */
export interface TrainedModel {
  label: string;
  use: string;
  /** The settings in its file, so that digits can be asked for before it is downloaded. */
  config: RunConfig;
  /** What it was trained on; the key of a dataset. */
  images: DatasetId;
  /**
   * The model that begins with an image in its place. A student of one step has learned to begin with pure noise: given
   * an image with less, it leaves some 70 gray specks on a digit, a student of four steps 0.4.
   */
  forImages?: string;
  /** The model that inverts an image in its place: a student knows only the few levels at which it draws. */
  forInversion?: string;
  /** Size of its file. */
  megabytes: string;
  /** Read as the class asked for, in percent; not of a network without labels. */
  readAsAsked?: string;
  confidence: string;
  distance: string;
  /** Bits per dimension, an upper bound by 200 test images. */
  bits: string;
}

const QUICK = presetConfig("quick");
const MEDIUM: RunConfig = { ...presetConfig("medium"), validateEvery: 24 };

/** The settings of a student that draws in so many steps, as it was trained here. */
function student(
  teacher: RunConfig,
  phases: { from: number; to: number; phaseSteps: number; guidance: number },
): RunConfig {
  const { to } = phases;
  const distilled = distillationConfig(teacher, { ...phases, learningRate: 1e-3 });
  return { ...distilled, samplingTimesteps: to, previewTimesteps: to };
}

/** By their files in `public/models`, where their cards are. */
export const TRAINED_MODELS = {
  "pretrained-quick.safetensors": {
    label: "Quick",
    use: "What Train gives you with these settings. Ten steps per digit, with two passes of the network each.",
    config: QUICK,
    images: "mnist",
    megabytes: "0.3",
    readAsAsked: "99.7",
    confidence: "0.996",
    distance: "0.087",
    bits: "1.99",
  },
  "pretrained-quick-4-steps.safetensors": {
    label: "Quick in four steps",
    use: "Its student, distilled: four passes for a digit. Good to finish what you draw.",
    // Distilled from the student of eight steps.
    config: student(QUICK, { from: 8, to: 4, phaseSteps: 700, guidance: 1 }),
    forInversion: "pretrained-quick.safetensors",
    images: "mnist",
    megabytes: "0.3",
    readAsAsked: "99.4",
    confidence: "0.994",
    distance: "0.103",
    bits: "3.04",
  },
  "pretrained-quick-1-step.safetensors": {
    label: "Quick in one step",
    use: "One pass of the network for a digit, so it answers while you type and drag.",
    config: student(QUICK, { from: 32, to: 1, phaseSteps: 700, guidance: 1.5 }),
    forImages: "pretrained-quick-4-steps.safetensors",
    forInversion: "pretrained-quick.safetensors",
    images: "mnist",
    megabytes: "0.3",
    readAsAsked: "99.0",
    confidence: "0.989",
    distance: "0.132",
    bits: "3.50",
  },
  "pretrained-medium.safetensors": {
    label: "Medium",
    use: "The best digits here: four times as many parameters as Quick, and five times as many training steps.",
    config: MEDIUM,
    images: "mnist",
    megabytes: "1.3",
    readAsAsked: "99.8",
    confidence: "0.996",
    distance: "0.041",
    bits: "1.79",
  },
  "pretrained-medium-4-steps.safetensors": {
    label: "Medium in four steps",
    use: "Its student: four passes for a digit, nearly as good as with Medium's twenty.",
    config: student(MEDIUM, { from: 32, to: 4, phaseSteps: 1400, guidance: 1.3 }),
    forInversion: "pretrained-medium.safetensors",
    images: "mnist",
    megabytes: "1.3",
    readAsAsked: "99.2",
    confidence: "0.993",
    distance: "0.045",
    bits: "3.28",
  },
  "pretrained-medium-1-step.safetensors": {
    label: "Medium in one step",
    use: "One pass of the network for a digit, nearer to real ones than Quick's after twenty.",
    config: student(MEDIUM, { from: 2, to: 1, phaseSteps: 1400, guidance: 1 }),
    forImages: "pretrained-medium-4-steps.safetensors",
    forInversion: "pretrained-medium.safetensors",
    images: "mnist",
    megabytes: "1.3",
    readAsAsked: "99.3",
    confidence: "0.992",
    distance: "0.058",
    bits: "7.32",
  },
  "pretrained-assignment.safetensors": {
    label: "Assignment",
    use: "The course's own network after six epochs. It knows no labels and draws any digit.",
    // Fewer images a step than the course's, and sampled as the other presets are.
    config: {
      ...presetConfig("assignment"),
      batchSize: 16,
      learningRate: 6e-4,
      warmupSteps: 200,
      lrDecay: "cosine",
      epochs: 2,
      emaDecay: 0.999,
      emaUpdateAfter: 0,
      emaUpdateEvery: 1,
      maxGradNorm: 1,
      samplerKind: "dpmpp2m",
      stepSpacing: "logSnr",
      samplingTimesteps: 10,
      previewTimesteps: 10,
    },
    images: "mnist",
    megabytes: "6.9",
    confidence: "0.937",
    distance: "0.119",
    bits: "1.79",
  },
  "pretrained-fashion.safetensors": {
    label: "Fashion",
    use: "Clothes, shoes and bags: the network of Quick, trained on Fashion-MNIST for six epochs.",
    config: { ...QUICK, epochs: 6 },
    images: "fashion",
    megabytes: "0.3",
    readAsAsked: "95.8",
    confidence: "0.932",
    distance: "0.119",
    bits: "3.68",
  },
} as const satisfies Record<string, TrainedModel>;

export type TrainedModelFile = keyof typeof TRAINED_MODELS;

/** The datasets that models come with the page of. */
export type ModelImages = (typeof TRAINED_MODELS)[TrainedModelFile]["images"];

export function hasModels(images: string | undefined): images is ModelImages {
  return images !== undefined && Object.hasOwn(REAL_IMAGES, images);
}

/** What the classifier says of real images, for comparison: the test images, and as many training images as samples. */
export const REAL_IMAGES: Record<
  ModelImages,
  Pick<TrainedModel, "label" | "confidence" | "distance"> & { readAsAsked: string }
> = {
  mnist: { label: "Real digits", readAsAsked: "99.4", confidence: "0.993", distance: "0.03" },
  fashion: { label: "Real images", readAsAsked: "90.6", confidence: "0.901", distance: "0.016" },
};

/** It draws at once, so it is what draws before anything is trained. */
export const FIRST_MODEL: TrainedModelFile = "pretrained-quick-1-step.safetensors";

/** What draws before anything is trained on these images: a model of them if there is one, else of digits. */
export function firstModel(images: string | undefined): TrainedModelFile {
  return images === "fashion" ? "pretrained-fashion.safetensors" : FIRST_MODEL;
}

export function isTrainedModel(fileName: string): fileName is TrainedModelFile {
  return Object.hasOwn(TRAINED_MODELS, fileName);
}

/** `Quick (trained model)` */
export function trainedModelName(fileName: TrainedModelFile): string {
  return `${TRAINED_MODELS[fileName].label} (trained model)`;
}
