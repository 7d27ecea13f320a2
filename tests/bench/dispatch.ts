/** What a run of a program asks of a graphics card, counted from shapes: for predictions, and for tests that hold budgets. */
import { util } from "@tensorflow/tfjs-core";
import { numberBytes } from "../../src/engine/ops/webgpu/halves.ts";
import type { DispatchFacts } from "../../src/engine/ops/webgpu/work.ts";

/**
 * Floating-point operations for each number of the largest tensor, of programs that do not say: a guess
 * that decides nothing, since they wait for memory.
 */
const USUAL_FLOPS = 10;

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
    kernel,
    workgroups,
    workgroupSize,
    serialPositions,
    shapes: `${shapesOf(inputs).join(" ")} to ${shapesOf(outputs)[0]}`,
    flops: others.flops ?? USUAL_FLOPS * largest,
    bytesRead: bytesOf(inputs) - unreadBytes,
    bytesWritten: bytesOf(outputs),
  };
}
