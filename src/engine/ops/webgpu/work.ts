/** What a program asks of a graphics card: tests and benchmarks follow from it (tests/bench/dispatch.ts). */

import type { TensorInfo } from "@tensorflow/tfjs-core";

/** What a program says of itself, where its shapes alone do not tell. */
export interface Work {
  /** Floating-point operations, a multiply-add being two; a few for each number when left out. */
  flops?: number;
  /**
   * Positions (pixels, rows of a matrix, images, parts of a sum) that one invocation goes through one after
   * the other, at most; 1 when left out. Loops over channels do not count.
   */
  serialPositions?: number;
  /** So much of the inputs is not read. The rest counts once, since what is read again is mostly in a cache. */
  unreadBytes?: number;
}

/** A run of a program. */
export interface DispatchFacts extends Work {
  kernel: string;
  workgroups: number;
  workgroupSize: number;
  inputs: readonly Pick<TensorInfo, "shape" | "dataId">[];
  outputs: readonly Pick<TensorInfo, "shape" | "dataId">[];
}

type Watcher = (facts: DispatchFacts) => void;

const watchers = new WeakMap<GPUDevice, Watcher>();

/** Has every run of our programs on the device reported; null ends it. */
export function watchDispatches(device: GPUDevice, watcher: Watcher | null): void {
  if (watcher) watchers.set(device, watcher);
  else watchers.delete(device);
}

/** @param facts asked for only where somebody watches */
export function reportDispatch(device: GPUDevice, facts: () => DispatchFacts): void {
  watchers.get(device)?.(facts());
}
