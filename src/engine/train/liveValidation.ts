import type { Tensor1D } from "@tensorflow/tfjs-core";
import { LIVE_IMAGES } from "../config/hyperparameters/training.ts";
import type { RunConfig } from "../config/hyperparameters.ts";
import { validatedImages } from "../config/runLength.ts";
import { evenIndices } from "../config/snapshotSteps.ts";
import type { LabeledSamples } from "../data/dataset.ts";
import { pickSamples } from "../data/imageOrder.ts";
import { imageShapeOf, numValuesOf } from "../nn/architectures.ts";
import { blockNorms, type NormLists } from "../nn/layerNorms.ts";
import { shareWeights } from "./replica.ts";
import type { StepReport } from "./reports.ts";
import { type ValidationOptions, validate } from "./validation.ts";

/** Whether one is due after a step: every `validateEvery`, and early after an eighth, a quarter and a half of it. */
export function isLiveStep(step: number, { validateEvery }: RunConfig): boolean {
  const isEarly = [2, 4, 8].some((part) => step * part === validateEvery);
  // With 0 the remainder is NaN.
  return isEarly || step % validateEvery === 0;
}

type Images = Pick<ValidationOptions, "images" | "labels">;

/** What live validations see: spread evenly, since the second half of MNIST's images is the harder one. */
export function liveImages(
  { images, labels, count }: LabeledSamples,
  config: RunConfig,
  most = LIVE_IMAGES,
): Images {
  const indices = evenIndices(count, most);
  const ofIndices = Uint8Array.from(indices, (i) => labels[i] as number);
  const picked = pickSamples(images, indices, numValuesOf(imageShapeOf(config)));
  return { images: picked, labels: config.classes > 0 ? ofIndices : null };
}

/** What the validation of an epoch sees: all images, of a phase of distillation some, spread evenly. */
export function epochImages(all: LabeledSamples, config: RunConfig): Images {
  const numSeen = validatedImages(config, all.count);
  if (numSeen < all.count) return liveImages(all, config, numSeen);
  return { images: all.images, labels: config.classes > 0 ? all.labels : null };
}

/**
 * Validates in a moment on a few images, whose noise is fixed even where that of the epochs is fresh. It
 * reads the weights and changes nothing.
 */
export async function validateLive(
  config: RunConfig,
  options: Omit<ValidationOptions, "freshKey">,
): Promise<Pick<StepReport, "liveLoss" | "bucketLosses">> {
  const { denoiser, images, replicas } = options;
  await shareWeights(replicas, config, denoiser);
  // With more images in a pass than its share, one thread would have all of them.
  const share = Math.ceil(
    images.length / numValuesOf(denoiser.network.shape) / (1 + replicas.length),
  );
  const chunkSize = Math.min(options.chunkSize, share);
  let live = {};
  for await (const pass of validate({ ...options, chunkSize, freshKey: null })) {
    live = { liveLoss: pass.meanLoss, bucketLosses: pass.bucketLosses };
  }
  return live;
}

/**
 * The norms of the gradient and of the weights, `[P]` each, block by block. They are read from the device and
 * summed here: seldom, and exact where float32 is not.
 */
export async function readNorms(
  config: RunConfig,
  { gradient, values }: { gradient: Tensor1D; values: Tensor1D },
): Promise<NormLists> {
  const [ofGradient, ofWeights] = await Promise.all([gradient.data(), values.data()]);
  return {
    blockGradNorms: blockNorms(ofGradient, config),
    blockWeightNorms: blockNorms(ofWeights, config),
  };
}
