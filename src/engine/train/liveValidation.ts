import { LIVE_IMAGES } from "../config/hyperparameters/training.ts";
import { NUM_PIXELS, type RunConfig } from "../config/hyperparameters.ts";
import { evenIndices } from "../config/snapshotSteps.ts";
import type { LabeledImages } from "../data/dataset.ts";
import { chunks, pickImages } from "../data/imageOrder.ts";
import { shareWeights } from "./replica.ts";
import type { StepReport } from "./reports.ts";
import { type ValidationOptions, validate } from "./validation.ts";

/** Whether one is due after a step. */
export function isLiveStep(step: number, { validateEvery }: RunConfig): boolean {
  // With 0 the remainder is NaN.
  return step % validateEvery === 0;
}

/** What live validations see: spread evenly, since the second half of MNIST's images is the harder one. */
export function liveImages(
  { images, labels, count }: LabeledImages,
  { classes }: RunConfig,
): Pick<ValidationOptions, "images" | "labels"> {
  const indices = evenIndices(count, LIVE_IMAGES);
  const ofIndices = Uint8Array.from(indices, (i) => labels[i] as number);
  return { images: pickImages(images, indices), labels: classes > 0 ? ofIndices : null };
}

/**
 * Validates in a moment on a few images, whose noise is fixed even where that of the epochs is fresh. It
 * reads the weights and changes nothing.
 */
export async function validateLive(
  config: RunConfig,
  options: Omit<ValidationOptions, "freshKey">,
): Promise<Pick<StepReport, "liveLoss" | "bucketLosses">> {
  const { denoiser, replicas } = options;
  await shareWeights(replicas, config, denoiser);
  const chunkSize = liveChunkSize(options);
  let live = {};
  for await (const pass of validate({ ...options, chunkSize, freshKey: null })) {
    live = { liveLoss: pass.meanLoss, bucketLosses: pass.bucketLosses };
  }
  return live;
}

type Passes = Pick<ValidationOptions, "images" | "replicas" | "chunkSize">;

/** The numbers of images in this thread's passes of a live validation, each once. */
export function livePassSizes(options: Passes): number[] {
  const chunkSize = liveChunkSize(options);
  const numImages = options.images.length / NUM_PIXELS;
  const passes = chunks(numImages, chunkSize * (1 + options.replicas.length));
  return [...new Set(passes.map(({ start, end }) => Math.min(chunkSize, end - start)))];
}

/** As many as are in a thread's share, at most: else one thread would have all of them. */
function liveChunkSize({ images, replicas, chunkSize }: Passes): number {
  return Math.min(chunkSize, Math.ceil(images.length / NUM_PIXELS / (1 + replicas.length)));
}
