import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import { type TensorInfo, util } from "@tensorflow/tfjs-core";
import { bufferOf, encoderOf } from "./commands.ts";
import { disposeAll, type KernelCall, run } from "./program.ts";

const FLOAT_BYTES = 4;

/** Consecutive parts of a vector as vectors of the given lengths: copies, for which no program runs. */
export function splitVector({ backend, inputs, attrs }: KernelCall<"SplitVector">): TensorInfo[] {
  const source = bufferOf(backend, inputs.vector);
  const parts = attrs.lengths.map((length) => backend.makeTensorInfo([length], "float32"));
  copyInOrder(backend, parts, (encoder, part, offset, size) =>
    encoder.copyBufferToBuffer(source, offset, part, 0, size),
  );
  return parts;
}

/**
 * Gradients that were summed in parts, `[n_i, …]` with `lengths[i]` values a part: adds the parts up and
 * joins the sums, in one program over copies of all parts.
 *
 * @returns `[P]`, all lengths together
 */
export function joinSums({ backend, inputs, attrs }: KernelCall<"JoinSums">): TensorInfo {
  const tensors = Object.values(inputs);
  const { lengths } = attrs;
  const numFloats = tensors.reduce((sum, { shape }) => sum + util.sizeFromShape(shape), 0);
  const parts = backend.makeTensorInfo([numFloats], "float32");
  const target = bufferOf(backend, parts);
  copyInOrder(backend, tensors, (encoder, part, offset, length) =>
    encoder.copyBufferToBuffer(part, 0, target, offset, length),
  );
  const places = Int32Array.from(segmentsOf(tensors, lengths).flat());
  const segments = backend.makeTensorInfo([tensors.length, 4], "int32", places);
  const size = lengths.reduce((sum, length) => sum + length, 0);
  const { result } = run(backend, {
    name: "joinSums",
    inputs: { parts: [parts, 1], segments: [segments, 4, "i32"] },
    outputs: { result: [[size], 1] },
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
  disposeAll(backend, [parts, segments]);
  return result;
}

function copyInOrder(
  backend: WebGPUBackend,
  parts: readonly TensorInfo[],
  copy: (encoder: GPUCommandEncoder, part: GPUBuffer, offset: number, size: number) => void,
): void {
  // Made first: to fill them takes copies, and these an encoder.
  const buffers = parts.map((part) => bufferOf(backend, part));
  const encoder = encoderOf(backend);
  let offset = 0;
  parts.forEach(({ shape }, i) => {
    const size = FLOAT_BYTES * util.sizeFromShape(shape);
    copy(encoder, buffers[i] as GPUBuffer, offset, size);
    offset += size;
  });
}

/** Where each begins in the result and among the parts, its length, and how many parts it has. */
function segmentsOf(tensors: readonly TensorInfo[], lengths: readonly number[]): number[][] {
  let [start, firstPart] = [0, 0];
  return tensors.map(({ shape }, i) => {
    const length = lengths[i] as number;
    const total = util.sizeFromShape(shape);
    const segment = [start, firstPart, length, total / length];
    start += length;
    firstPart += total;
    return segment;
  });
}
