/** What a program asks of a graphics card, counted from shapes: for predictions, and for tests that hold budgets. */

import { type TensorInfo, util } from "@tensorflow/tfjs-core";
import { numberBytes } from "./halves.ts";

/**
 * Floating-point operations for each number of the largest tensor, of programs that do not say: a guess
 * that decides nothing, since they wait for memory.
 */
const USUAL_FLOPS = 10;

/** What a program says of itself, where its shapes alone do not tell. */
export interface Work {
  /** Floating-point operations, a multiply-add being two; a few for each number when left out. */
  flops?: number;
  /**
   * Positions (pixels, rows of a matrix, images, parts of a sum) that one invocation goes through one after
   * the other, at most; 1 when left out. Loops over channels do not count.
   */
  serialPositions?: number;
  /** Of the inputs, what is not read. The rest counts once, since what is read again is mostly in a cache. */
  unreadBytes?: number;
}

/** One run of a program. */
export interface Dispatch {
  kernel: string;
  /** Of inputs and the first output, e.g. `[128,14,14,64] [3,3,64,64] to [128,14,14,64]`. */
  shapes: string;
  workgroups: number;
  workgroupSize: number;
  flops: number;
  bytesRead: number;
  bytesWritten: number;
  serialPositions: number;
}

interface DispatchFacts extends Work, Pick<Dispatch, "kernel" | "workgroups" | "workgroupSize"> {
  inputs: readonly Pick<TensorInfo, "shape" | "dataId">[];
  outputs: readonly Pick<TensorInfo, "shape" | "dataId">[];
}

export function dispatchOf(facts: DispatchFacts): Dispatch {
  const { inputs, outputs, unreadBytes = 0, serialPositions = 1, ...others } = facts;
  const { kernel, workgroups, workgroupSize } = others;
  const sizesOf = (tensors: DispatchFacts["inputs"]) =>
    tensors.map(({ shape }) => util.sizeFromShape(shape));
  const bytesOf = (tensors: DispatchFacts["inputs"]) =>
    tensors.reduce(
      (sum, tensor) => sum + numberBytes(tensor) * util.sizeFromShape(tensor.shape),
      0,
    );
  const largest = Math.max(...sizesOf([...inputs, ...outputs]));
  const shapesOf = (tensors: DispatchFacts["inputs"]) => tensors.map(({ shape }) => `[${shape}]`);
  return {
    ...{ kernel, workgroups, workgroupSize, serialPositions },
    shapes: `${shapesOf(inputs).join(" ")} to ${shapesOf(outputs)[0]}`,
    flops: others.flops ?? USUAL_FLOPS * largest,
    bytesRead: bytesOf(inputs) - unreadBytes,
    bytesWritten: bytesOf(outputs),
  };
}

type Watcher = (dispatch: Dispatch) => void;

const watchers = new WeakMap<GPUDevice, Watcher>();

/** Has every run of our programs on the device reported; null ends it. */
export function watchDispatches(device: GPUDevice, watcher: Watcher | null): void {
  if (watcher) watchers.set(device, watcher);
  else watchers.delete(device);
}

/** @param facts asked for only where somebody watches */
export function reportDispatch(device: GPUDevice, facts: () => DispatchFacts): void {
  watchers.get(device)?.(dispatchOf(facts()));
}
