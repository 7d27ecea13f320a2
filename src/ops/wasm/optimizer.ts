import type { TensorInfo } from "@tensorflow/tfjs-core";
import { type KernelCall, sizeOf } from "./kernelCall.ts";

/** Euclidean norm, a scalar. */
export function globalNorm(call: KernelCall): TensorInfo {
  const gradient = call.input("gradient");
  const norm = call.output([]);
  call.module.globalNorm(call.address(gradient), call.address(norm), sizeOf(gradient.shape));
  return norm;
}

/** AdamW's running means of the gradient, shortened to `maxNorm`, and of its square; `[P]` each. */
export function adamWMoments(call: KernelCall): TensorInfo[] {
  const { gradient, mean, square } = call.inputs("gradient", "mean", "square");
  const { maxNorm, beta1, beta2 } = call.numbers("maxNorm", "beta1", "beta2");
  const nextMean = call.output(mean.shape);
  const nextSquare = call.output(square.shape);
  call.module.adamWMoments(
    ...([call.address(gradient), call.address(mean), call.address(square)] as const),
    ...([call.optionalAddress("norm"), call.address(nextMean), call.address(nextSquare)] as const),
    ...([sizeOf(gradient.shape), maxNorm, beta1, 1 - beta1, beta2, 1 - beta2] as const),
  );
  return [nextMean, nextSquare];
}

/** AdamW's step from its moments, and that of the moving average where there is one; `[P]` each. */
export function adamWUpdate(call: KernelCall): TensorInfo[] {
  const { values, mean, square } = call.inputs("values", "mean", "square");
  const { kept, rate, inverseRoot, eps, decay } = call.numbers(
    ...(["kept", "rate", "inverseRoot", "eps", "decay"] as const),
  );
  const next = call.output(values.shape);
  const nextAverage = call.optional("average") ? [call.output(values.shape)] : [];
  call.module.adamWUpdate(
    ...([call.address(values), call.address(mean), call.address(square)] as const),
    ...([call.optionalAddress("average"), call.address(next)] as const),
    nextAverage[0] ? call.address(nextAverage[0]) : 0,
    ...([sizeOf(values.shape), kept, rate, inverseRoot, eps, decay, 1 - decay] as const),
  );
  return [next, ...nextAverage];
}
