import type { TensorInfo } from "@tensorflow/tfjs-core";
import { type KernelCall, sizeOf } from "./kernelCall.ts";

/** SiLU or GELU, by its name. */
export function activation(call: KernelCall): TensorInfo {
  const { module } = call;
  const x = call.input("x");
  const y = call.output(x.shape);
  const compute = call.text("name") === "silu" ? module.silu : module.gelu;
  compute(call.address(x), call.address(y), sizeOf(x.shape));
  return y;
}

/** dL/dx from dL/dy. */
export function activationGradient(call: KernelCall): TensorInfo {
  const { module } = call;
  const { x, dy } = call.inputs("x", "dy");
  const dX = call.output(x.shape);
  const compute = call.text("name") === "silu" ? module.siluGradient : module.geluGradient;
  compute(call.address(x), call.address(dy), call.address(dX), sizeOf(x.shape));
  return dX;
}
