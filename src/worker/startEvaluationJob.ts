import type { Dataset } from "../data/dataset.ts";
import type { QualityMeter } from "../quality/qualityMeter.ts";
import { microBatchSize } from "../train/memory.ts";
import { EvaluationJob } from "./evaluationJob.ts";
import type { EvaluationRequest } from "./evaluationProtocol.ts";
import type { Network } from "./network.ts";
import type { BackendReport, Post } from "./protocol.ts";

/** Images in one forward pass, where memory allows. */
const CHUNK = 100;

/** Begins to measure samples of a network. */
export function startEvaluationJob(options: {
  request: EvaluationRequest;
  network: Network;
  dataset: Dataset & { name: string };
  backend: BackendReport["backend"];
  /** Most images in one pass, where memory turned out to be shorter than thought; else null. */
  maxChunk: number | null;
  meter: () => Promise<QualityMeter>;
  post: Post;
}): EvaluationJob {
  const { request, network, dataset, backend, maxChunk, meter, post } = options;
  const { source, config, trainedSteps } = network;
  return new EvaluationJob({
    ...{ request, source, trainedSteps, meter, post },
    denoiser: network.denoiser(request.weights),
    datasetName: dataset.name,
    trainImages: dataset.train.images,
    chunkSize: Math.min(microBatchSize(config, CHUNK, backend), maxChunk ?? CHUNK),
  });
}
