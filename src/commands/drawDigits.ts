import { samplerOf } from "../config/sampler.ts";
import { drawSamples } from "../quality/drawSamples.ts";
import { microBatchSize } from "../train/memory.ts";
import type { Network } from "../worker/network.ts";
import { CommandError } from "./commandError.ts";
import { followed } from "./followed.ts";
import type { BackendName } from "./options.ts";
import type { StatusLine } from "./statusLine.ts";

/** Images in one forward pass, where memory allows. */
const CHUNK = 100;

interface DigitsOptions {
  count: number;
  /** Denoising steps. */
  steps: number;
  seed: number;
  backend: BackendName;
}

/**
 * Draws with the moving average where there is one.
 *
 * @returns `[count, 28, 28]`, 0 black to 255 white
 * @throws CommandError for more steps than the network's diffusion has
 */
export async function drawDigits(
  network: Network,
  { count, steps, seed, backend }: DigitsOptions,
  line: StatusLine,
): Promise<Uint8Array> {
  const { config } = network;
  if (steps > config.timesteps) {
    throw new CommandError(
      `Expected --steps of at most ${config.timesteps}, those of the network's diffusion, got ${steps}.`,
    );
  }
  const denoiser = network.denoiser("ema");
  const sampler = samplerOf(steps, config);
  const chunkSize = microBatchSize(config, CHUNK, backend);
  try {
    const drawing = drawSamples({ denoiser, sampler, seed, count, chunkSize });
    return await followed(drawing, line);
  } finally {
    denoiser.values.dispose();
  }
}
