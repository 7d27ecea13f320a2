import { type TensorInfo, util } from "@tensorflow/tfjs-core";
import type { Kernels } from "../kernel.ts";
import { floats, type Workspace } from "./workspace.ts";

/** Consecutive parts of a vector, of the given shapes. */
export function splitVector(
  workspace: Workspace,
  { inputs, attrs: { shapes } }: Kernels["SplitVector"],
): TensorInfo[] {
  let source = workspace.address(inputs.vector);
  return shapes.map((shape) => {
    const length = util.sizeFromShape(shape);
    const part = workspace.output(shape);
    workspace.module.copyFloats(source, workspace.address(part), length);
    source += floats(length);
    return part;
  });
}

/** Vectors joined to one, `[P]`; each comes in parts, one after the other, that are added up. */
export function joinSums(
  workspace: Workspace,
  { inputs, attrs: { lengths } }: Kernels["JoinSums"],
): TensorInfo {
  const { module } = workspace;
  const joined = workspace.output([lengths.reduce((sum, length) => sum + length, 0)]);
  let target = workspace.address(joined);
  Object.values(inputs).forEach((tensor, i) => {
    const length = lengths[i] as number;
    const first = workspace.address(tensor);
    module.copyFloats(first, target, length);
    for (let before = length; before < util.sizeFromShape(tensor.shape); before += length)
      module.addRows(first + floats(before), target, 1, length, 0, 0);
    target += floats(length);
  });
  return joined;
}
