import type { Dataset } from "../data/dataset.ts";
import { drawImagePair, type ImagePair } from "../train/imagePair.ts";
import { microBatchSize } from "../train/memory.ts";
import type { Network } from "./network.ts";
import type { BackendReport, Post, SampleRequest } from "./protocol.ts";
import { SampleJob, type SampleJobOptions } from "./sampleJob.ts";

export interface SampleStart {
  request: SampleRequest;
  origin: SampleJobOptions["origin"];
  network: Network;
  /** Where the two images come from that a request may be between. */
  dataset: Dataset | null;
  backend: BackendReport["backend"];
  /** Most images in one pass, where memory turned out to be shorter than thought; else null. */
  maxChunk: number | null;
  onDone?: SampleJobOptions["onDone"];
  post: Post;
}

/** Begins to draw digits from a network. */
export function startSampleJob(start: SampleStart): SampleJob {
  const { request, origin, network, dataset, backend, maxChunk, onDone, post } = start;
  const { source, config, trainedSteps } = network;
  const denoiser = network.denoiser(request.weights);
  try {
    return new SampleJob({
      request,
      origin,
      denoiser,
      source,
      trainedSteps,
      onDone,
      post,
      eta: config.ddimEta,
      pair: request.start === "pair" ? imagePair(dataset, request.seed, config) : null,
      chunkSize: Math.min(
        microBatchSize(config, request.count, backend),
        maxChunk ?? request.count,
      ),
    });
  } finally {
    denoiser.values.dispose(); // The job has copied them.
  }
}

function imagePair(dataset: Dataset | null, seed: number, config: Network["config"]): ImagePair {
  if (!dataset) throw new Error("Interpolation needs images: load some first.");
  const { train, validation } = dataset;
  // Images that the network has not seen, where there are any.
  return drawImagePair(validation.count > 1 ? validation.images : train.images, seed, config);
}
