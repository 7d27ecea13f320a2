import { drawSamples } from "../../../engine/quality/drawSamples.ts";
import { microBatchSize } from "../../../engine/train/memory.ts";
import {
  type AskingOptions,
  backendOption,
  conditionOption,
  countOption,
  samplingOptions,
  type TypedSampling,
} from "../options.ts";
import { endOnFault, proveSampling, startNodeBackend } from "./nodeBackend.ts";
import { readNetwork } from "./savedNetwork.ts";
import type { StatusLine } from "./statusLine.ts";

/** Images in one forward pass, where memory allows. */
export const CHUNK = 100;
/** As many digits as are to be held in memory, more than MNIST itself has. */
const MAX_COUNT = 100_000;

/** The typed `SAMPLING_OPTIONS` and the number of digits. */
type DrawingOptions = Record<"backend" | "count", string> &
  Partial<Record<"weights", string | undefined>> &
  TypedSampling &
  AskingOptions;

/**
 * Draws digits as the options say, with the moving average where there is one.
 *
 * @returns `pixels` are `[count, 28, 28]`, 0 black to 255 white; `device` is what computed them; `condition` is
 * what a network with classes was asked for, else null
 * @throws CommandError, or FormatError for a file that is no network
 */
export async function drawDigits(options: DrawingOptions, line: StatusLine, minCount = 1) {
  const backend = backendOption(options.backend);
  const count = countOption("count", options.count, minCount, MAX_COUNT);
  const network = await readNetwork(options.weights);
  const { config } = network;
  const { sampler, seed, guidance } = samplingOptions(options, config);
  const condition = conditionOption(options, count, { ...config, guidance });
  const device = await startNodeBackend(backend, endOnFault);
  await proveSampling(config);
  const denoiser = network.denoiser("ema");
  const chunkSize = microBatchSize(config, CHUNK, backend);
  try {
    const work = drawSamples({ denoiser, sampler, seed, count, chunkSize, condition });
    return { pixels: await line.follow(work), count, seed, sampler, condition, network, device };
  } finally {
    denoiser.values.dispose();
  }
}
