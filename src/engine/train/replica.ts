import type { RunConfig } from "../config/hyperparameters.ts";
import type { RandomKey } from "../random.ts";
import type { Denoiser } from "./gradient.ts";

/** The part of a batch that one thread takes. */
export interface Shard {
  /** In [-1, 1], `[n, 28, 28]`. */
  x0: Float32Array<ArrayBuffer>;
  /** Place of its first image in the batch. */
  start: number;
  /** Images of the whole batch. */
  numImages: number;
  /** As of the batch. */
  step: number;
  microBatchSize: number;
}

/** Of a shard: the loss summed over its images, and the gradient of that, `[P]`. */
export interface ShardGradient {
  lossSum: number;
  gradient: Float32Array<ArrayBuffer>;
}

/** Images of one forward pass. */
export interface ValidationPart {
  /** In [-1, 1], `[n, 28, 28]`. */
  x0: Float32Array<ArrayBuffer>;
  /** The noise of each. */
  noiseKeys: readonly RandomKey[];
  /** In [0, T), `[n]`. */
  timesteps: Int32Array;
}

/**
 * A copy of the network in another thread, which takes its part of the images while this thread takes
 * another: data parallelism, where the kernels of a backend run on one thread. What it is asked for
 * it does in that order; what goes wrong there is thrown here.
 */
export interface Replica {
  /** @param values `[P]`, of all that it is asked for from now on; they stay the caller's */
  setWeights(config: RunConfig, values: Float32Array): void;
  gradient(shard: Shard): Promise<ShardGradient>;
  /** @returns the loss of each image */
  losses(part: ValidationPart): Promise<Float32Array>;
}

/** Gives replicas the weights of this thread's network. */
export async function shareWeights(
  replicas: readonly Replica[],
  config: RunConfig,
  { values }: Denoiser,
): Promise<void> {
  if (replicas.length === 0) return;
  const read = await values.data<"float32">();
  for (const replica of replicas) replica.setWeights(config, read);
}

/**
 * Computes one part on this thread and the others on replicas at the same time.
 *
 * @param parts one for this thread, and at most one for each replica
 * @returns what came of each, in that order
 */
export async function inParallel<Part, Result>(
  parts: readonly Part[],
  replicas: readonly Replica[],
  here: (part: Part) => Promise<Result>,
  there: (replica: Replica, part: Part) => Promise<Result>,
): Promise<Result[]> {
  const [own, ...others] = parts as [Part, ...Part[]];
  const asked = Promise.all(others.map((part, i) => there(replicas[i] as Replica, part)));
  // Nobody waits for them where this thread's own part fails.
  asked.catch(() => {});
  const result = await here(own);
  return [result, ...(await asked)];
}
