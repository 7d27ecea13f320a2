import { idOfName, type Naming, namingOf } from "../../../engine/data/datasets.ts";
import { drawSamples } from "../../../engine/quality/drawSamples.ts";
import { microBatchSize } from "../../../engine/train/memory.ts";
import type { SampleStart } from "../../../engine/train/sampleStart.ts";
import type { Network } from "../../../runtime/run/network.ts";
import {
  type AskingOptions,
  backendOption,
  conditionOption,
  countOption,
  samplingOptions,
  type TypedSampling,
} from "../options.ts";
import { endOnFault, proveSampling, startNodeBackend } from "./nodeBackend.ts";
import type { StatusLine } from "./statusLine.ts";

/** Images in one forward pass, where memory allows. */
export const CHUNK = 100;
/** As many digits as are to be held in memory, more than MNIST itself has. */
const MAX_COUNT = 100_000;

/** The typed `SAMPLING_OPTIONS` and the number of digits. */
type DrawingOptions = Record<"backend" | "count", string> & TypedSampling & AskingOptions;

/** What digits begin with in place of noise. */
export interface DrawingStart {
  /** Of the digits from `start` to `end`. */
  startOf: (part: { start: number; end: number }) => SampleStart;
  /** Whether an image says what is to become of it: where nothing is asked for, there is no label. False when left out. */
  saysItself?: boolean;
}

/** What the images of a network and their classes are called, as far as its file says. */
export function namingFor(network: Network): Naming {
  const { dataset, classNames } = network.facts("ema");
  return namingOf({ id: idOfName(dataset), ...(classNames && { classNames }) });
}

/**
 * Draws digits as the options say, with the moving average where there is one.
 *
 * @param how.minCount digits at least, 1 when left out
 * @param how.start noise when left out
 * @returns `pixels` are `[count, 28, 28]`, 0 black to 255 white; `device` is what computed them; `condition` is
 * what a network with classes was asked for, else null
 * @throws CommandError
 */
export async function drawDigits(
  options: DrawingOptions,
  how: { network: Network; line: StatusLine; minCount?: number; start?: DrawingStart | null },
) {
  const { network, line, minCount = 1, start = null } = how;
  const backend = backendOption(options.backend);
  const count = countOption("count", options.count, minCount, MAX_COUNT);
  const { config } = network;
  const { sampler, seed, guidance } = samplingOptions(options, config);
  const asked = conditionOption(options, count, { ...config, guidance }, namingFor(network));
  const isAsked = options.class !== undefined || options.text !== undefined;
  const condition = start?.saysItself && !isAsked ? null : asked;
  const device = await startNodeBackend(backend, endOnFault);
  await proveSampling(config);
  const denoiser = network.denoiser("ema");
  const chunkSize = microBatchSize(config, CHUNK, backend);
  try {
    const from = start && { startOf: start.startOf };
    const work = drawSamples({ denoiser, sampler, seed, count, chunkSize, condition, ...from });
    return { pixels: await line.follow(work), count, seed, sampler, condition, device };
  } finally {
    denoiser.values.dispose();
  }
}
