import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import { type TensorInfo, util } from "@tensorflow/tfjs-core";
import { disposeAll, type Input, type KernelCall, run, unrolled } from "./program.ts";
import { byBuffer, nextStart, type SharedBuffer, viewOf } from "./sharedBuffers.ts";

/**
 * Consecutive parts of a vector in the given shapes. They are parts of one buffer, a copy in
 * which each begins where programs can be given it.
 */
export function splitVector({ backend, inputs, attrs }: KernelCall<"SplitVector">): TensorInfo[] {
  const { shapes } = attrs;
  let [start, firstFloat] = [0, 0];
  // Where each begins in the vector and in the copy.
  const places = shapes.map((shape) => {
    const length = util.sizeFromShape(shape);
    const place = [start, firstFloat] as const;
    start += length;
    firstFloat = nextStart(firstFloat + length);
    return place;
  });
  const numFours = firstFloat / 4;
  const table = Int32Array.from(places.flat());
  const segments = backend.makeTensorInfo([shapes.length, 2], "int32", table);
  const { copy } = run(backend, {
    name: "splitVector",
    inputs: { vector: [inputs.vector, 1], segments: [segments, 1, "i32"] },
    outputs: { copy: [[firstFloat], 4] },
    uniforms: { size: start, numFours, numSegments: shapes.length },
    numInvocations: numFours,
    // What lies between two parts is read by nobody.
    code: () => `
fn main(index: i32) {
  if (index >= uniforms.numFours) { return; }
  var low = 0;
  var high = uniforms.numSegments;
  while (high - low > 1) {
    let middle = (low + high) / 2;
    if (segments[2 * middle + 1] <= 4 * index) { low = middle; } else { high = middle; }
  }
  let first = segments[2 * low] + 4 * index - segments[2 * low + 1];
  let at = min(vec4<i32>(first, first + 1, first + 2, first + 3), vec4<i32>(uniforms.size - 1));
  copy[index] = vec4<f32>(vector[at.x], vector[at.y], vector[at.z], vector[at.w]);
}`,
  });
  const parts = shapes.map((shape, i) => viewOf(backend, copy, places[i]?.[1] ?? 0, shape));
  disposeAll(backend, [copy, segments]);
  return parts;
}

/** With the vector and the segments these are all the buffers that WebGPU grants a program. */
const BUFFERS_A_PROGRAM = 6;

/**
 * Gradients that were summed in parts, `[n_i, …]` with `lengths[i]` values a part: adds the parts up and
 * joins the sums, `[P]`. A program joins those in several buffers.
 */
export function joinSums({ backend, inputs, attrs }: KernelCall<"JoinSums">): TensorInfo {
  let size = 0;
  const gradients = Object.values(inputs).map((tensor, i) => {
    const [start, length] = [size, attrs.lengths[i] as number];
    size += length;
    return { tensor, start, length, numParts: util.sizeFromShape(tensor.shape) / length };
  });
  const vector = backend.makeTensorInfo([size], "float32");
  const buffers = byBuffer(backend, gradients);
  const programs = Array.from({ length: Math.ceil(buffers.length / BUFFERS_A_PROGRAM) }, (_, i) =>
    buffers.slice(BUFFERS_A_PROGRAM * i, BUFFERS_A_PROGRAM * (i + 1)),
  );
  const rows = programs.map(segmentsOf);
  const segments = backend.makeTensorInfo(
    [gradients.length, SEGMENT_LENGTH],
    "int32",
    Int32Array.from(rows.flat(2)),
  );
  let firstSegment = 0;
  for (const [i, program] of programs.entries()) {
    const endSegment = firstSegment + (rows[i]?.length ?? 0);
    joinInto(vector, { backend, buffers: program, segments, firstSegment, endSegment });
    firstSegment = endSegment;
  }
  disposeAll(backend, [segments, ...buffers.map(({ whole }) => whole)]);
  return vector;
}

interface Gradient {
  tensor: TensorInfo;
  /** Where it begins in the vector. */
  start: number;
  length: number;
  numParts: number;
}

/** What a program is told of each gradient. */
const SEGMENT_LENGTH = 6;

function segmentsOf(buffers: readonly SharedBuffer<Gradient>[]): number[][] {
  let end = 0;
  return buffers.flatMap(({ parts }, source) =>
    parts.map(({ start, length, numParts, first }) => {
      end += length;
      return [end - length, start, length, numParts, source, first];
    }),
  );
}

function joinInto(
  vector: TensorInfo,
  options: {
    backend: WebGPUBackend;
    buffers: readonly SharedBuffer<Gradient>[];
    segments: TensorInfo;
    firstSegment: number;
    endSegment: number;
  },
): void {
  const { backend, buffers, segments, firstSegment, endSegment } = options;
  // As many in any case, so that there is one program.
  const sources = Array.from(
    { length: BUFFERS_A_PROGRAM },
    (_, i) => (buffers[i] ?? buffers[0])?.whole as TensorInfo,
  );
  const gradients = buffers.flatMap(({ parts }) => parts);
  const size = gradients.reduce((sum, { length }) => sum + length, 0);
  run(backend, {
    name: "joinSums",
    inputs: {
      segments: [segments, 1, "i32"],
      ...Object.fromEntries(
        sources.map((source, i): [string, Input] => [`source${i}`, [source, 1]]),
      ),
    },
    outputs: { vector: [[size], 1, vector] },
    uniforms: { size, firstSegment, endSegment },
    numInvocations: size,
    work: () => ({
      serialPositions: Math.max(...gradients.map(({ numParts }) => numParts)),
      unreadBytes: 4 * (sizeOf(sources) - sizeOf(gradients.map(({ tensor }) => tensor))),
    }),
    code: () => `
fn main(index: i32) {
  if (index >= uniforms.size) { return; }
  var low = uniforms.firstSegment;
  var high = uniforms.endSegment;
  while (high - low > 1) {
    let middle = (low + high) / 2;
    if (segments[${SEGMENT_LENGTH} * middle] <= index) { low = middle; } else { high = middle; }
  }
  let segment = ${SEGMENT_LENGTH} * low;
  let place = index - segments[segment];
  let length = segments[segment + 2];
  let numParts = segments[segment + 3];
  var at = segments[segment + 5] + place;
  var sum = 0.0;
  switch segments[segment + 4] {
    ${unrolled(
      BUFFERS_A_PROGRAM,
      (i) => `${i === 0 ? "default" : `case ${i}`}: {
      for (var part = 0; part < numParts; part++) { sum += source${i}[at]; at += length; }
    }`,
    )}
  }
  vector[segments[segment + 1] + place] = sum;
}`,
  });
}

function sizeOf(tensors: readonly TensorInfo[]): number {
  return tensors.reduce((sum, { shape }) => sum + util.sizeFromShape(shape), 0);
}
