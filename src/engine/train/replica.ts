import type { RunConfig } from "../config/hyperparameters.ts";
import type { RandomKey } from "../random.ts";
import type { Denoiser, Teacher } from "./gradient.ts";

/** The part of a batch that one thread computes. */
export interface Shard {
  /** As the network sees them, pixels in [-1, 1], `[n, H, W]`. */
  x0: Float32Array<ArrayBuffer>;
  /** `[n]`; null for a network without classes. */
  labels: Uint8Array | null;
  /** Index of its first image in the batch. */
  start: number;
  /** Number of images in the whole batch. */
  numImages: number;
  /** See `Batch`, as for `microBatchSize`. */
  step: number;
  microBatchSize: number;
}

/** What the images of a shard contribute to the mean loss of the batch, and the gradient of that, `[P]`. */
export interface ShardGradient {
  loss: number;
  gradient: Float32Array<ArrayBuffer>;
}

/** The images of one forward pass of the validation. */
export interface ValidationPart {
  /** As the network sees them, pixels in [-1, 1], `[n, H, W]`. */
  x0: Float32Array<ArrayBuffer>;
  /** See `Shard`. */
  labels: Uint8Array | null;
  noiseKeys: readonly RandomKey[];
  /** In [0, T), `[n]`. */
  timesteps: Int32Array;
}

export interface ReplicaWeights {
  /** `[P]`. */
  values: Float32Array<ArrayBuffer>;
  /** In a distillation, see `Teacher`. */
  teacher: (Omit<Teacher, "values"> & { values: Float32Array<ArrayBuffer> }) | null;
}

/**
 * A copy of the network in another thread, which computes its part of the images while this thread
 * computes another (data parallelism, for backends whose kernels run on one thread). It handles calls
 * in order, and its errors are thrown here.
 */
export interface Replica {
  /** @param weights used by all later calls; the caller keeps them */
  setWeights(config: RunConfig, weights: ReplicaWeights): void;
  gradient(shard: Shard): Promise<ShardGradient>;
  /** @returns the loss of each image */
  losses(part: ValidationPart): Promise<Float32Array>;
}

export async function shareWeights(
  replicas: readonly Replica[],
  config: RunConfig,
  { values, teacher }: Denoiser,
): Promise<void> {
  if (replicas.length === 0) return;
  const weights = {
    values: await values.data<"float32">(),
    teacher: teacher ? { ...teacher, values: await teacher.values.data<"float32">() } : null,
  } as ReplicaWeights;
  for (const replica of replicas) replica.setWeights(config, weights);
}

/** Computes the first part on this thread and each of the others on a replica at the same time. */
export async function inParallel<Part, Result>(
  parts: readonly Part[],
  replicas: readonly Replica[],
  here: (part: Part) => Promise<Result>,
  there: (replica: Replica, part: Part) => Promise<Result>,
): Promise<Result[]> {
  const [own, ...others] = parts as [Part, ...Part[]];
  const asked = Promise.all(others.map((part, i) => there(replicas[i] as Replica, part)));
  // When this thread's own part fails, nobody waits for the others: their errors must not go unhandled.
  asked.catch(() => {});
  return [await here(own), ...(await asked)];
}
