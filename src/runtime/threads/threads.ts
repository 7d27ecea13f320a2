import { counted } from "../format.ts";

/** For the memory's sake: each thread has a backend of its own. */
const MAX_THREADS = 4;

/**
 * Threads that train together on WebAssembly: as many as there are cores. Browsers tell logical
 * processors, of which a core often is two.
 */
export function trainingThreads(numLogical: number): number {
  return Math.min(MAX_THREADS, Math.max(Math.min(2, numLogical), Math.floor(numLogical / 2)));
}

/**
 * The most threads that a run starts, however many are asked for or stand in its file: more than there are cores only
 * take turns, and each holds memory.
 */
export function mostThreads(numLogical: number): number {
  return Math.max(MAX_THREADS, numLogical);
}

/** What a run's record says of the device: `WebAssembly SIMD, 2 threads`. */
export function deviceWithThreads(device: string, numThreads: number): string {
  return `${device}, ${counted(numThreads, "thread")}`;
}

/** How many threads a run was trained with last, as its record says; undefined where it does not, as of a graphics card. */
export function threadsOfDevice(device: string | undefined): number | undefined {
  const [, numThreads] = /^WebAssembly.*, (\d+) threads?$/.exec(device ?? "") ?? [];
  return numThreads === undefined ? undefined : Number(numThreads);
}
