import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import type { TensorInfo } from "@tensorflow/tfjs-core";
import { joinVectors } from "./copies.ts";
import { run } from "./program.ts";

/**
 * Gradients that were summed in parts, each part one after the other: adds the parts up and joins the
 * sums, in one program over copies of all parts.
 *
 * @param tensors `[n_i, …]` with `lengths[i]` values a part
 * @returns `[P]`, all lengths together
 */
export function joinSums(
  backend: WebGPUBackend,
  tensors: readonly TensorInfo[],
  lengths: readonly number[],
): TensorInfo {
  const parts = joinVectors(backend, tensors);
  const segments = backend.makeTensorInfo(
    [tensors.length, 4],
    "int32",
    Int32Array.from(segmentsOf(tensors, lengths).flat()),
  );
  const size = lengths.reduce((sum, length) => sum + length, 0);
  const { result } = run(backend, {
    name: "joinSums",
    inputs: [
      { name: "parts", tensor: parts, width: 1 },
      { name: "segments", tensor: segments, width: 4, type: "i32" },
    ],
    outputs: { result: { shape: [size], width: 1 } },
    uniforms: { size, numSegments: tensors.length },
    numInvocations: size,
    code: () => `
fn main(index: i32) {
  if (index >= uniforms.size) { return; }
  var low = 0;
  var high = uniforms.numSegments;
  while (high - low > 1) {
    let middle = (low + high) / 2;
    if (segments[middle].x <= index) { low = middle; } else { high = middle; }
  }
  let segment = segments[low];
  var at = segment.y + index - segment.x;
  var sum = 0.0;
  for (var part = 0; part < segment.w; part++) {
    sum += parts[at];
    at += segment.z;
  }
  result[index] = sum;
}`,
  });
  for (const { dataId } of [parts, segments]) backend.disposeData(dataId);
  return result;
}

/** Where each begins in the result and among the parts, its length, and how many parts it has. */
function segmentsOf(
  tensors: readonly TensorInfo[],
  lengths: readonly number[],
): [start: number, firstPart: number, length: number, numParts: number][] {
  let [start, firstPart] = [0, 0];
  return tensors.map(({ shape }, i) => {
    const length = lengths[i] as number;
    const total = shape.reduce((product, size) => product * size, 1);
    const segment: [number, number, number, number] = [start, firstPart, length, total / length];
    start += length;
    firstPart += total;
    return segment;
  });
}
