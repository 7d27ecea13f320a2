/** Convolution with stride 1 that keeps the image size, in the kind of tiles that suits it. */

import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import type { TensorInfo } from "@tensorflow/tfjs-core";
import { convRegisters } from "./convRegisters.ts";
import { convWorkgroup } from "./convWorkgroup.ts";
import { tilesOf } from "./tuning.ts";

export interface Conv {
  backend: WebGPUBackend;
  /** `[B, H, W, C_i]`, as if concatenated along the channels. */
  inputs: TensorInfo[];
  /** `[k, k, C, C_out]`; turned, `[k, k, C_out + …, C]`. */
  kernel: TensorInfo;
  bias?: TensorInfo | undefined;
  /** Added to the result, `[B, H, W, numOut]`. */
  addend?: TensorInfo | undefined;
  numOut: number;
  /** Whether the kernel is turned by 180 degrees and its channels swapped, as for dL/dx. */
  isTurned: boolean;
  /** Turned: the kernel's first input channel that is an output here. */
  firstOut: number;
}

/** @returns `[B, H, W, numOut]` */
export function conv(options: Conv): TensorInfo {
  const { backend, inputs, kernel, numOut } = options;
  const tiles = tilesOf(backend.device, {
    kernelSize: kernel.shape[0] as number,
    imageWidth: inputs[0]?.shape[2] as number,
    numIn: inputs.reduce((sum, { shape }) => sum + (shape[3] as number), 0),
    numOut,
  });
  return tiles === "workgroup" ? convWorkgroup(options) : convRegisters(options);
}
