import { type TensorInfo, util } from "@tensorflow/tfjs-core";
import { type KernelCall, run } from "./program.ts";

export function mixImages({
  backend,
  inputs: { x, a, y, b },
  attrs: { sign },
}: KernelCall<"MixImages">): TensorInfo {
  const size = util.sizeFromShape(x.shape);
  return run(backend, {
    name: "mixImages",
    variant: String(sign),
    inputs: { x: [x, 1], a: [a, 1], y: [y, 1], b: [b, 1] },
    outputs: { result: [x.shape, 1] },
    uniforms: { size, numPixels: size / (a.shape[0] as number) },
    numInvocations: size,
    code: () => `
fn main(index: i32) {
  if (index >= uniforms.size) { return; }
  let image = index / uniforms.numPixels;
  result[index] = x[index] * a[image] ${sign === 1 ? "+" : "-"} y[index] * b[image];
}`,
  }).result;
}
