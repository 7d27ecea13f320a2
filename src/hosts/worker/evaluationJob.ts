import { mixedCondition } from "../../engine/config/condition.ts";
import type { NamedDataset } from "../../engine/data/dataset.ts";
import { datasetEntry, identityIn } from "../../engine/data/datasets.ts";
import { pickImages } from "../../engine/data/imageOrder.ts";
import { messageOf } from "../../engine/messageOf.ts";
import { labelsAsked, type MeasureProgress, predictions } from "../../engine/quality/figures.ts";
import type { QualityMeter } from "../../engine/quality/qualityMeter.ts";
import type { SamplerPoint } from "../../engine/quality/samplerComparison.ts";
import type { Denoiser } from "../../engine/train/gradient.ts";
import { microBatchSize } from "../../engine/train/memory.ts";
import type { BackendReport, Post } from "../../runtime/run/events.ts";
import type { Network } from "../../runtime/run/network.ts";
import type {
  ComparisonRequest,
  EvaluationRequest,
  EvaluationResult,
  MeasuredNetwork,
} from "../../runtime/run/samplingProtocol.ts";
import { unseenImages } from "./requestedStart.ts";

/** Images in one forward pass, where memory allows. */
const CHUNK = 100;

/**
 * Samples for each image by which the likelihood is measured. An image takes 20 predictions, which are then a quarter of the
 * samples' in ten steps, and an eighth with guidance.
 */
const SAMPLES_PER_IMAGE = 8;
/** Images by which the likelihood is measured, at least and at most. */
const LIKELIHOOD_IMAGES = { min: 2, max: 100 };

export interface EvaluationJobOptions {
  request: EvaluationRequest | ComparisonRequest;
  network: Network;
  dataset: NamedDataset;
  backend: BackendReport["backend"];
  /** Most images in one pass, where memory turned out to be shorter than thought; else null. */
  maxChunk: number | null;
  meter: () => Promise<QualityMeter>;
  post: Post;
}

/**
 * Draws samples, classifies them and compares them with the dataset, of one sampler or of all; of one, also measures how
 * likely the network finds images. A slice at a time.
 */
export class EvaluationJob {
  readonly id: string;
  isDone = false;
  readonly #options: EvaluationJobOptions;
  readonly #denoiser: Denoiser;
  readonly #work: AsyncGenerator<MeasureProgress | SamplerPoint, EvaluationResult | undefined>;

  constructor(options: EvaluationJobOptions) {
    this.#options = options;
    this.id = options.request.requestId;
    this.#denoiser = options.network.denoiser(options.request.weights);
    this.#work = evaluate(options, this.#denoiser);
  }

  /** Goes on until `sliceMs` have passed, or a little longer. */
  async advance(sliceMs: number): Promise<void> {
    const startMs = performance.now();
    const { post } = this.#options;
    const { id: requestId } = this;
    try {
      do {
        const { done, value } = await this.#work.next();
        // Cancelled meanwhile.
        if (this.isDone) return;
        if (done) {
          await this.#end();
          if (!value) return post({ type: "samplersCompared", requestId });
          const { pixels, nearestPixels, distances, digits, confidences } = value;
          const arrays = [pixels, nearestPixels, distances, digits, confidences];
          const buffers = arrays.map(({ buffer }) => buffer);
          return post({ type: "evaluationDone", requestId, ...value }, buffers);
        }
        if ("doing" in value) post({ type: "evaluationProgress", requestId, ...value });
        else {
          const measured = measuredNetwork(this.#options.network);
          post({ type: "samplerMeasured", requestId, measured, ...value });
        }
      } while (performance.now() - startMs < sliceMs);
    } catch (error) {
      await this.#end();
      post({ type: "requestFailed", requestId, message: messageOf(error) });
    }
  }

  async cancel(): Promise<void> {
    const { id: requestId } = this;
    await this.#end();
    this.#options.post({ type: "requestCancelled", requestId });
  }

  async #end(): Promise<void> {
    this.isDone = true;
    await this.#work.return(undefined as never);
    this.#denoiser.values.dispose();
  }
}

async function* evaluate(
  { request, network, dataset, backend, maxChunk, ...options }: EvaluationJobOptions,
  denoiser: Denoiser,
): AsyncGenerator<MeasureProgress | SamplerPoint, EvaluationResult | undefined> {
  // First: where it fails, nothing needs to be drawn.
  const meter = await options.meter();
  const chunkSize = Math.min(microBatchSize(network.config, CHUNK, backend), maxChunk ?? CHUNK);
  const { seed, count } = request;
  const { classes } = network.config;
  const guidance = request.guidance ?? network.config.guidance;
  const condition = mixedCondition({ classes, guidance }, count);
  const drawing = { denoiser, seed, count, chunkSize, condition };
  if (!("sampler" in request)) {
    const { compareSamplers } = await import("../../engine/quality/samplerComparison.ts");
    yield* compareSamplers({ ...drawing, meter });
    return undefined;
  }
  const { drawSamples } = await import("../../engine/quality/drawSamples.ts");
  const pixels = yield* drawSamples({ ...drawing, sampler: request.sampler });
  const datasetName = network.facts(request.weights).dataset ?? dataset.name;
  const read = { classes: meter.numClasses, datasetName: dataset.name };
  const asked = labelsAsked(condition, { classes, datasetName }, read);
  const { figures, real, nearest, probabilities } = yield* meter.measure(pixels, asked);
  const predicted = probabilities ? predictions(probabilities, meter.numClasses) : [];
  const frechetFloor = yield* meter.frechetFloor(count, asked);
  const isKnown = datasetEntry(dataset).testMedianDistance !== null;
  const testMedianDistance = isKnown ? null : yield* meter.testMedianDistance();
  const { measureLikelihood } = await import("../../engine/quality/likelihood.ts");
  const { min, max } = LIKELIHOOD_IMAGES;
  const likelihood = yield* measureLikelihood({
    ...{ denoiser, seed, chunkSize },
    images: unseenImages(dataset),
    count: Math.min(Math.max(Math.round(count / SAMPLES_PER_IMAGE), min), max),
  });
  return {
    figures,
    real,
    frechetFloor,
    testMedianDistance,
    likelihood,
    ...measuredNetwork(network),
    dataset: identityIn(dataset),
    pixels,
    nearestPixels: pickImages(dataset.train.images, nearest.indices),
    distances: Float64Array.from(nearest.distances),
    digits: Uint8Array.from(predicted, ({ label }) => label),
    confidences: Float32Array.from(predicted, ({ confidence }) => confidence),
    asked,
  };
}

function measuredNetwork({ source, config, trainedSteps }: Network): MeasuredNetwork {
  return { source, objective: config.objective, trainedSteps };
}
