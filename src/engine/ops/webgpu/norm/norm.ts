/** RMSNorm, FiLM and SiLU, in the form that suits the adapter; both forms give the same. */

import type { TensorInfo } from "@tensorflow/tfjs-core";
import { type KernelCall, runKept } from "../program.ts";
import { tuningOf } from "../tuning.ts";
import { forwardInRegisters, inputGradient, parameterGradients } from "./registers.ts";
import { forwardInWorkgroups, gradientInWorkgroups } from "./workgroup.ts";

/** y plus the addend; `[B, H, W, C]`. */
export function rmsNorm(call: KernelCall<"RmsNorm">): TensorInfo {
  const compose = isInWorkgroups(call) ? forwardInWorkgroups : forwardInRegisters;
  const { backend, inputs, attrs } = call;
  const given = { name: "normForward", inputs, values: [attrs.hasSilu] };
  return runKept(backend, given, () => compose(call))[0] as TensorInfo;
}

/**
 * Returns dL/dx = (dn - n (dn . n)) / |x| with n = x / |x|, plus the addend, `[B, H, W, C]`; the gradient of the gain by
 * each image, `[B, C]`, to be summed over these; and, if given, that of scale and shift, `[B, 2C]`.
 */
export function rmsNormGradient(call: KernelCall<"RmsNormGradient">): TensorInfo[] {
  const { backend, inputs, attrs } = call;
  const values = [attrs.hasSilu];
  if (isInWorkgroups(call)) {
    const given = { name: "normGradient", inputs, values };
    return runKept(backend, given, () => gradientInWorkgroups(call));
  }
  const ofInput = { name: "normInputGradient", inputs, values };
  const [dX, inverses] = runKept(backend, ofInput, () => inputGradient(call)) as [
    TensorInfo,
    TensorInfo,
  ];
  const ofParameters = {
    name: "normParameterGradients",
    inputs: { ...inputs, addend: undefined, inverses },
    values,
  };
  const gradients = runKept(backend, ofParameters, () => parameterGradients(call, inverses));
  backend.disposeData(inverses.dataId);
  return [dX, ...gradients];
}

function isInWorkgroups({ backend }: KernelCall<"RmsNorm">): boolean {
  return tuningOf(backend.device).tiles === "workgroup";
}
