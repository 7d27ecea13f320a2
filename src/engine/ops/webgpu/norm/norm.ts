/** RMSNorm, FiLM and SiLU, in the form that suits the adapter; both forms give the same. */

import type { TensorInfo } from "@tensorflow/tfjs-core";
import type { KernelCall } from "../program.ts";
import { tuningOf } from "../tuning.ts";
import { forwardInRegisters, gradientInRegisters } from "./registers.ts";
import { forwardInWorkgroups, gradientInWorkgroups } from "./workgroup.ts";

/** y plus the addend; `[B, H, W, C]`. */
export function rmsNorm(call: KernelCall<"RmsNorm">): TensorInfo {
  const isWorkgroup = tuningOf(call.backend.device).tiles === "workgroup";
  return isWorkgroup ? forwardInWorkgroups(call) : forwardInRegisters(call);
}

/**
 * Of x, dL/dx = (dn - n (dn . n)) / |x| with n = x / |x|, plus the addend, `[B, H, W, C]`; of the gain by
 * each image, `[B, C]`, to be summed over these; and, if given, of scale and shift, `[B, 2C]`.
 */
export function rmsNormGradient(call: KernelCall<"RmsNormGradient">): TensorInfo[] {
  const isWorkgroup = tuningOf(call.backend.device).tiles === "workgroup";
  return isWorkgroup ? gradientInWorkgroups(call) : gradientInRegisters(call);
}
