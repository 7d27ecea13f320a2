import type { Tensor, Tensor1D } from "@tensorflow/tfjs-core";
import { joinSums, splitVector } from "../ops/parameterVector.ts";
import type { ParameterSpec } from "./parameters.ts";

/**
 * All parameters as tensors of their own, from one that holds them in the order of the specs.
 *
 * @param flat `[totalElements(specs)]`
 */
export function splitParameters(specs: readonly ParameterSpec[], flat: Tensor1D): Tensor[] {
  return splitVector(
    flat,
    specs.map((spec) => [...spec.shape]),
  );
}

/**
 * Gradients of all parameters in one tensor, `[totalElements(specs)]`.
 *
 * @param gradients in the order of the specs, perhaps in parts still to be summed (see `joinSums`)
 */
export function joinGradients(
  specs: readonly ParameterSpec[],
  gradients: readonly Tensor[],
): Tensor1D {
  return joinSums(
    gradients,
    specs.map(({ shape }) => shape),
  );
}
