import { MAX_DIGITS, samplerOf } from "../config/sampler.ts";
import { chunks } from "../data/batches.ts";
import { IMAGE_BYTES } from "../data/idx.ts";
import { microBatchSize } from "../train/memory.ts";
import { DigitSampler } from "../train/sampling.ts";
import { formatDuration } from "../ui/format.ts";
import type { Network } from "../worker/network.ts";
import { CommandError } from "./commandError.ts";
import type { BackendName } from "./options.ts";
import type { StatusLine } from "./statusLine.ts";

/**
 * Digits that are denoised side by side, to the end before the next ones begin: as many as the page
 * draws at once, of the seed, of the seed after it, and so on.
 */
const NUM_TOGETHER = MAX_DIGITS;

/** @returns `[count, 28, 28]`, 0 black to 255 white */
export async function drawDigits(
  network: Network,
  options: {
    count: number;
    steps: number;
    seed: number;
    backend: BackendName;
    line: StatusLine;
  },
): Promise<Uint8Array> {
  const { count, steps, seed, backend, line } = options;
  const { config } = network;
  if (steps > config.timesteps) {
    throw new CommandError(
      `Expected --steps of at most ${config.timesteps}, those of the network's diffusion, got ${steps}.`,
    );
  }
  const pixels = new Uint8Array(count * IMAGE_BYTES);
  const startMs = performance.now();
  for (const [group, { start, end }] of chunks(count, NUM_TOGETHER).entries()) {
    const denoiser = network.denoiser("ema");
    const sampler = new DigitSampler({
      ...{ denoiser, seed: seed + group, count: end - start },
      sampler: samplerOf(steps, config),
      chunkSize: microBatchSize(config, NUM_TOGETHER, backend),
      start: { from: "noise" },
    });
    denoiser.values.dispose();
    for (let step = 0; step <= steps; step++) {
      const frame = await sampler.nextFrame();
      const fraction = (start + ((end - start) * step) / steps) / count;
      const leftMs = ((performance.now() - startMs) * (1 - fraction)) / fraction;
      if (fraction > 0) line.tell(`${start} of ${count} digits  ${formatDuration(leftMs)} left`);
      if (step === steps) pixels.set(frame.pixels, start * IMAGE_BYTES);
    }
    sampler.dispose();
  }
  return pixels;
}
