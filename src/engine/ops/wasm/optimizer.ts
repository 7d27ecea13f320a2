import type { TensorInfo } from "@tensorflow/tfjs-core";
import { type KernelCall, sizeOf } from "./kernelCall.ts";

/** Euclidean norm, a scalar. */
export function globalNorm(call: KernelCall): TensorInfo {
  const gradient = call.input("gradient");
  const norm = call.output([]);
  call.module.globalNorm(call.address(gradient), call.address(norm), sizeOf(gradient.shape));
  return norm;
}

/** AdamW's step, and its running means of the gradient and of the gradient's square; `[P]` each. */
export function adamW(call: KernelCall): TensorInfo[] {
  const { values, gradient, mean, square } = call.inputs(
    ...(["values", "gradient", "mean", "square"] as const),
  );
  const { beta1, beta2, kept, rate, inverseRoot, eps } = call.numbers(
    ...(["beta1", "beta2", "kept", "rate", "inverseRoot", "eps"] as const),
  );
  const outputs = [values, mean, square].map(({ shape }) => call.output(shape));
  const [next, nextMean, nextSquare] = outputs as [TensorInfo, TensorInfo, TensorInfo];
  call.module.adamW(
    ...([call.address(values), call.address(gradient)] as const),
    ...([call.address(mean), call.address(square)] as const),
    ...([call.address(next), call.address(nextMean), call.address(nextSquare)] as const),
    ...([sizeOf(values.shape), beta1, 1 - beta1, beta2, 1 - beta2] as const),
    ...([kept, rate, inverseRoot, eps] as const),
  );
  return outputs;
}
