import type { Dataset } from "../data/dataset.ts";
import { microBatchSize } from "../train/memory.ts";
import type { Network } from "./network.ts";
import type { BackendReport, Post, SampleRequest } from "./protocol.ts";
import { SampleJob } from "./sampleJob.ts";
import { sampleStart } from "./sampleStart.ts";

export interface SampleJobStart {
  request: SampleRequest;
  network: Network;
  /** Where the two images come from that a request may be between. */
  dataset: Dataset | null;
  backend: BackendReport["backend"];
  /** Most images in one pass, where memory turned out to be shorter than thought; else null. */
  maxChunk: number | null;
  post: Post;
}

/** Begins to draw digits from a network. */
export function startSampleJob(options: SampleJobStart): SampleJob {
  const { request, network, dataset, backend, maxChunk, post } = options;
  const { source, config, trainedSteps } = network;
  const denoiser = network.denoiser(request.weights);
  try {
    return new SampleJob({
      ...{ request, denoiser, source, trainedSteps, post },
      ...sampleStart(request, { dataset, config }),
      chunkSize: Math.min(
        microBatchSize(config, request.count, backend),
        maxChunk ?? request.count,
      ),
    });
  } finally {
    denoiser.values.dispose(); // The job has copied them.
  }
}
