/** What the messages between page and worker say of sampling, and of measuring its quality. Types only. */
import type { Condition } from "../../engine/config/condition.ts";
import type { DatasetIdentity } from "../../engine/data/datasets.ts";
import type { FlipId } from "../../engine/diffusion/editing/flips.ts";
import type { ObjectiveId } from "../../engine/diffusion/objectives.ts";
import type { NoiseLevel } from "../../engine/diffusion/pointField.ts";
import type { Sampler } from "../../engine/diffusion/samplers.ts";
import type { BlockLook } from "../../engine/nn/blockLook.ts";
import type {
  ClassFigures,
  FrechetFloor,
  Likelihood,
  MeasuredFigures,
  MeasureProgress,
} from "../../engine/quality/figures.ts";
import type { LevelsMeasured } from "../../engine/quality/noiseLevels.ts";
import type { FieldError, PlaneMeasured } from "../../engine/quality/planeMeasures.ts";
import type { SamplerPoint } from "../../engine/quality/samplerComparison.ts";

/** The moving average, where there is one, or the weights of the last step. */
export type WeightsChoice = "ema" | "raw";

/** @typeParam Network how the network is named */
export interface SampleRequest<Network = RequestedNetwork> {
  sampleId: string;
  /** 1 to 100. */
  count: number;
  sampler: Sampler;
  seed: number;
  network: Network;
  weights: WeightsChoice;
  start: SampleStart;
  /** What a network with classes is asked for, one label for each digit; null asks for none. */
  condition: Condition | null;
  /** Whether each frame also has the x_0 that was predicted. */
  givesX0: boolean;
}

/** As the worker is asked for it. */
export type RequestedNetwork = SampledNetwork | FileNetwork;

/** The newest there is (see NetworkSource), or one that was stored, by the step of its checkpoint. */
export type SampledNetwork = { kind: "current" } | { kind: "stored"; runId: string; step: number };

/** The network of a safetensors file, which is sampled without being loaded: it takes no other network's place. */
export interface FileNetwork {
  kind: "file";
  file: File;
}

/** Pixels are 0 black to 255 white. */
export type SampleStart =
  /** Shared, so that labels alone tell the digits apart, or mixed: see `SampleStart` in `engine/train`. */
  | { kind: "noise"; isShared?: boolean; mixes?: readonly (readonly number[])[] }
  /** Between two images, `[2, 28, 28]`; null for two of the dataset that the seed chooses. */
  | { kind: "pair"; images: Uint8Array | null }
  /** An image, `[28, 28]`, noised to level t in [0, T), and denoised again. */
  | { kind: "image"; image: Uint8Array; t: number }
  /** An image, `[28, 28]`, that stays where `mask`, as large, is 1, and is drawn anew elsewhere: see `FillingStart`. */
  | { kind: "filling"; image: Uint8Array; mask: Uint8Array; resamplings: number; jump: number }
  /** An image, `[28, 28]`, that is inverted as what `label` says, null for "no label", to level t in [0, T). */
  | { kind: "inversion"; image: Uint8Array; label: number | null; t: number }
  /** Along the arc between two images, `[2, 28, 28]`, that are both inverted without labels. */
  | { kind: "arc"; images: Uint8Array; t: number }
  /** Noise that reads as each digit's own label, and flipped as `label`. */
  | { kind: "readings"; flip: FlipId; label: number };

/** The network that is sampled and saved: the newest of the run's and the one loaded from a file. */
export type NetworkSource =
  | { kind: "run"; runId: string }
  | { kind: "file"; fileName: string }
  | { kind: "untrained" };

/** Asks what a block of the network does with a digit, now. */
export interface LookRequest {
  requestId: string;
  weights: WeightsChoice;
  digit: LookedAtDigit;
  /** Its name, such as `downs.0.1`. */
  block: string;
  /** Place of the pixel whose attention is looked at, row by row; null for none. */
  position: number | null;
}

export type LookedAtDigit =
  /**
   * An image that the network has not seen, by its place in the dataset's validation part, noised to level t in
   * [0, T). A network with classes is given its label.
   */
  | { kind: "real"; index: number; t: number; seed: number }
  /** The first digit that a sampler draws of a seed, before a step of it, 0 to the number of steps - 1. */
  | { kind: "drawn"; seed: number; step: number; sampler: Sampler; condition: Condition | null };

export interface LookEvent {
  type: "blockSeen";
  block: string;
  seen: BlockLook;
  /** What the network is given, x_t, `[28, 28]`, 0 black to 255 white, and its timestep. */
  pixels: Uint8Array<ArrayBuffer>;
  t: number;
  /** Training steps the network has seen; null when nobody knows. */
  trainedSteps: number | null;
  /** Time that was taken from training. */
  elapsedMs: number;
}

/** Asks for points that flow from noise to data, and for what the network predicts at a grid of places. */
export interface PlaneRequest {
  requestId: string;
  weights: WeightsChoice;
  sampler: Sampler;
  seed: number;
  /** Points that flow. */
  count: number;
  /**
   * Where they do not flow but walk by Langevin dynamics (`langevinWalk`): the noise level as a share of T - 1, to which annealed
   * ones come from the most noise, and how many steps there are. Null where they flow.
   */
  walk: { level: number; isAnnealed: boolean; numSteps: number } | null;
  /** The class that all of them are asked to be, and how strongly; null asks for none. */
  label: number | null;
  guidance: number;
  /** Places along each side of the grid (`planeGrid`). */
  gridSize: number;
  /** The frame at which the network is asked at the grid, or all. */
  fieldAt: number | "all";
}

export interface PlaneDrawn {
  /** The factors of point and noise at each frame, from noise to data. */
  levels: readonly NoiseLevel[];
  /** The points at each frame, `[count, 2]`. */
  frames: Float32Array<ArrayBuffer>[];
  /** The same points drawn in one step, `[count, 2]`; null where only one frame's field was asked for, and where they walk. */
  oneStep: Float32Array<ArrayBuffer> | null;
  /** The x_0 predicted at the grid at each frame, `[gridSize², 2]`; null where it was not asked for, and at the last. */
  starts: (Float32Array<ArrayBuffer> | null)[];
  /** The error of the field at a few timesteps, ascending; none where points walk. */
  fieldErrors: readonly FieldError[];
  /** Training steps the network has seen; null when nobody knows. */
  trainedSteps: number | null;
}

/** What `measurePlane` measured of the network that is sampled. */
export type PlaneMeasuredEvent = { type: "planeMeasured" } & PlaneMeasured;

/** @typeParam Network how the network is named */
export interface EvaluationRequest<Network = RequestedNetwork> {
  requestId: string;
  /** Samples, 2 or more. */
  count: number;
  sampler: Sampler;
  /** Seed of the first hundred samples; those of the next hundreds follow from it, see `groupSeed`. */
  seed: number;
  network: Network;
  weights: WeightsChoice;
  /** Guidance of a network with classes, all of which are asked for in turn; null takes that of its settings. */
  guidance: number | null;
}

/** Asks for the samples of all samplers (`compareSamplers`), each of so many. */
export type ComparisonRequest<Network = RequestedNetwork> = Omit<
  EvaluationRequest<Network>,
  "sampler"
>;

/** What was measured, and each sample with the training image nearest to it. */
export interface EvaluationResult {
  figures: MeasuredFigures;
  /** The figures of the real test images, for scale; null where no classifier reads them. */
  real: ClassFigures | null;
  frechetFloor: FrechetFloor;
  /** Median distance of held-out images to the nearest training images; null where the table of datasets has it. */
  testMedianDistance: number | null;
  /** Of images that the network has not seen; null of one without a noise schedule. */
  likelihood: Likelihood | null;
  source: NetworkSource;
  /** The objective that the network was trained with, which names its samplers. */
  objective: ObjectiveId;
  /** The images that the samples were compared with. */
  dataset: DatasetIdentity;
  /** Training steps the network has seen; null when nobody knows. */
  trainedSteps: number | null;
  /** `[N, 28, 28]`, 0 black to 255 white. */
  pixels: Uint8Array<ArrayBuffer>;
  /** Pixels of the training image nearest to each sample, in the same form. */
  nearestPixels: Uint8Array<ArrayBuffer>;
  /** Root mean square differences of the two, 0 to 1, `[N]`. */
  distances: Float64Array<ArrayBuffer>;
  /** The most probable class of each sample, `[N]`; empty where no classifier reads them. */
  digits: Uint8Array<ArrayBuffer>;
  /** How probable it is, 0 to 1, `[N]`; empty likewise. */
  confidences: Float32Array<ArrayBuffer>;
  /** The class that each sample was asked to be, `[N]`; null of a network whose classes are not those of the dataset. */
  asked: readonly number[] | null;
}

/** What a network of one noise level does at that level and at others; see `measureLevels`. */
export interface LevelsEvent extends LevelsMeasured {
  type: "levelsMeasured";
  /** Training steps the network has seen; null when nobody knows. */
  trainedSteps: number | null;
}

export type MeasuredNetwork = Pick<EvaluationResult, "source" | "objective" | "trainedSteps">;

export type EvaluationEvent =
  | ({ type: "evaluationProgress" } & MeasureProgress)
  | ({ type: "evaluationDone" } & EvaluationResult)
  /** One of the samplers that are compared. */
  | ({ type: "samplerMeasured"; measured: MeasuredNetwork } & SamplerPoint)
  /** All of them were measured. */
  | { type: "samplersCompared" };
