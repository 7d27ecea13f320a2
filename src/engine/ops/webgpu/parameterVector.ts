import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import { type TensorInfo, util } from "@tensorflow/tfjs-core";
import { bufferOf, encoderOf } from "./commands.ts";
import { disposeAll, type KernelCall, run } from "./program.ts";

const FLOAT_BYTES = 4;

/** Consecutive parts of a vector as vectors of the given lengths: copies, for which no program runs. */
export function splitVector({ backend, inputs, attrs }: KernelCall<"SplitVector">): TensorInfo[] {
  const parts = attrs.lengths.map((length) => backend.makeTensorInfo([length], "float32"));
  const { encoder, buffers } = copying(backend, [inputs.vector, ...parts]);
  const [source, ...targets] = buffers as [GPUBuffer, ...GPUBuffer[]];
  let offset = 0;
  targets.forEach((target, i) => {
    const numBytes = FLOAT_BYTES * (attrs.lengths[i] as number);
    encoder.copyBufferToBuffer(source, offset, target, 0, numBytes);
    offset += numBytes;
  });
  return parts;
}

/**
 * Gradients that were summed in parts, `[n_i, …]` with `lengths[i]` values a part: adds the parts up and
 * joins the sums, `[P]`, in one program over copies of all parts.
 */
export function joinSums({ backend, inputs, attrs }: KernelCall<"JoinSums">): TensorInfo {
  const tensors = Object.values(inputs);
  const { lengths } = attrs;
  const numFloats = tensors.reduce((sum, { shape }) => sum + util.sizeFromShape(shape), 0);
  const parts = backend.makeTensorInfo([numFloats], "float32");
  const { encoder, buffers } = copying(backend, [parts, ...tensors]);
  const [target, ...sources] = buffers as [GPUBuffer, ...GPUBuffer[]];
  let [start, firstPart] = [0, 0];
  // Where each begins in the result and among the parts, its length, and how many parts it has.
  const places = tensors.map(({ shape }, i) => {
    const [length, total] = [lengths[i] as number, util.sizeFromShape(shape)];
    const [offset, numBytes] = [FLOAT_BYTES * firstPart, FLOAT_BYTES * total];
    encoder.copyBufferToBuffer(sources[i] as GPUBuffer, 0, target, offset, numBytes);
    const place = [start, firstPart, length, total / length];
    start += length;
    firstPart += total;
    return place;
  });
  const segments = backend.makeTensorInfo(
    [tensors.length, 4],
    "int32",
    Int32Array.from(places.flat()),
  );
  const size = lengths.reduce((sum, length) => sum + length, 0);
  const { result } = run(backend, {
    name: "joinSums",
    inputs: { parts: [parts, 1], segments: [segments, 4, "i32"] },
    outputs: { result: [[size], 1] },
    uniforms: { size, numSegments: tensors.length },
    numInvocations: size,
    work: () => ({
      serialPositions: Math.max(...places.map(([, , , numParts]) => numParts as number)),
    }),
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

/** The tensors' buffers and then an encoder: to fill the buffers takes copies, which need one, too. */
function copying(backend: WebGPUBackend, tensors: readonly TensorInfo[]) {
  const buffers = tensors.map((tensor) => bufferOf(backend, tensor));
  return { buffers, encoder: encoderOf(backend) };
}
