import type { TensorInfo } from "@tensorflow/tfjs-core";
import { floats, type KernelCall, sizeOf } from "./kernelCall.ts";

/** Consecutive parts of a vector, of the given lengths. */
export function splitVector(call: KernelCall): TensorInfo[] {
  const vector = call.address(call.input("vector"));
  let before = 0;
  return call.list("lengths").map((length) => {
    const part = call.output([length]);
    call.module.copyFloats(vector + floats(before), call.address(part), length);
    before += length;
    return part;
  });
}

/**
 * Vectors joined to one; each comes in parts, one after the other, that are added up.
 *
 * @returns `[P]`, all lengths together
 */
export function joinSums(call: KernelCall): TensorInfo {
  const { module } = call;
  const lengths = call.list("lengths");
  const joined = call.output([lengths.reduce((sum, length) => sum + length, 0)]);
  let target = call.address(joined);
  call.allInputs.forEach((tensor, i) => {
    const length = lengths[i] as number;
    const first = call.address(tensor);
    module.copyFloats(first, target, length);
    for (let before = length; before < sizeOf(tensor.shape); before += length)
      module.addFloats(first + floats(before), target, length);
    target += floats(length);
  });
  return joined;
}
