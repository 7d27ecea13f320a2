/** For the memory's sake: each thread has a backend of its own. */
const MAX_THREADS = 4;

/**
 * Threads that train together on WebAssembly: as many as there are cores. Browsers tell logical
 * processors, of which a core often is two.
 */
export function trainingThreads(numLogical: number): number {
  return Math.min(MAX_THREADS, Math.max(Math.min(2, numLogical), Math.floor(numLogical / 2)));
}
