import type * as tf from "@tensorflow/tfjs-core";
import { read } from "./training.ts";

/** Shorter ones would be of waiting for the device rather than of computing. */
const MIN_MEASUREMENT_MS = 30;
const MAX_CALLS = 256;

/**
 * Milliseconds a call of what may be too short to be timed alone: so many calls after one another,
 * and one wait at the end, as a measurement takes. The first call, which compiles, is not counted.
 */
export async function repeated(compute: () => tf.Tensor): Promise<() => Promise<number>> {
  const msOf = async (numCalls: number) => {
    const startMs = performance.now();
    for (let call = 1; call < numCalls; call++) compute().dispose();
    await read(compute());
    return performance.now() - startMs;
  };
  await msOf(1);
  let numCalls = 1;
  while (numCalls < MAX_CALLS && (await msOf(numCalls)) < MIN_MEASUREMENT_MS) numCalls *= 2;
  return async () => (await msOf(numCalls)) / numCalls;
}
