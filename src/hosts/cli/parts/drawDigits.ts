import type { Sampler } from "../../../engine/diffusion/samplers.ts";
import { drawSamples } from "../../../engine/quality/drawSamples.ts";
import { microBatchSize } from "../../../engine/train/memory.ts";
import type { Network } from "../../../runtime/run/network.ts";
import type { BackendName } from "../options.ts";
import type { StatusLine } from "./statusLine.ts";

/** Images in one forward pass, where memory allows. */
const CHUNK = 100;

interface DigitsOptions {
  count: number;
  sampler: Sampler;
  seed: number;
  backend: BackendName;
}

/**
 * Draws with the moving average where there is one.
 *
 * @returns `[count, 28, 28]`, 0 black to 255 white
 */
export async function drawDigits(
  network: Network,
  { count, sampler, seed, backend }: DigitsOptions,
  line: StatusLine,
): Promise<Uint8Array> {
  const { config } = network;
  const denoiser = network.denoiser("ema");
  const chunkSize = microBatchSize(config, CHUNK, backend);
  try {
    return await line.follow(drawSamples({ denoiser, sampler, seed, count, chunkSize }));
  } finally {
    denoiser.values.dispose();
  }
}
