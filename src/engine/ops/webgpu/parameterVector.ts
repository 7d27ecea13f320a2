import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import { type TensorInfo, util } from "@tensorflow/tfjs-core";
import { tableOf } from "./pipelines.ts";
import { disposeAll, type KernelCall, run, unrolled } from "./program.ts";
import type { Input } from "./programSource.ts";
import { byBuffer, nextStart, type SharedBuffer, viewOf } from "./sharedBuffers.ts";
import { MAX_SERIAL } from "./tuning.ts";

/** Invocations of a workgroup. */
const SIZE = 64;

/** Numbers that a workgroup goes through, all of one parameter: to find it out costs more than to move a number. */
const BLOCK = 512;

/** WGSL of `main`: finds the row of the workgroup in the table, whose rows begin with their first workgroup. */
function blockCode(rowLength: number, move: string): string {
  return `
fn main(group: i32, local: i32) {
  if (group >= uniforms.numBlocks) { return; }
  var low = uniforms.firstSegment;
  var high = uniforms.endSegment;
  while (high - low > 1) {
    let middle = (low + high) / 2;
    if (segments[${rowLength} * middle] <= group) { low = middle; } else { high = middle; }
  }
  let segment = ${rowLength} * low;
  let start = segments[segment + 1];
  let length = segments[segment + 2];
  let block = group - segments[segment];
  ${move}
}`;
}

/**
 * Consecutive parts of a vector in the given shapes. They are parts of one buffer, a copy in
 * which each begins where programs can be given it.
 */
export function splitVector({ backend, inputs, attrs }: KernelCall<"SplitVector">): TensorInfo[] {
  const { shapes } = attrs;
  let [numBlocks, start, first] = [0, 0, 0];
  const places = shapes.map((shape) => {
    const length = util.sizeFromShape(shape);
    const place = { firstBlock: numBlocks, start, length, first };
    numBlocks += Math.ceil(length / BLOCK);
    start += length;
    first = nextStart(first + length);
    return place;
  });
  const rows = places.map((place) => Object.values(place));
  const segments = tableOf(backend.device, rows.flat());
  const { copy } = run(backend, {
    name: "splitVector",
    inputs: { vector: [inputs.vector, 1], segments: [segments, 1, "i32"] },
    outputs: { copy: [[first], 1] },
    uniforms: { numBlocks, firstSegment: 0, endSegment: shapes.length },
    numInvocations: SIZE * numBlocks,
    workgroupSize: SIZE,
    code: () =>
      blockCode(
        4,
        `
  let first = segments[segment + 3];
  let end = min((block + 1) * ${BLOCK}, length);
  for (var place = block * ${BLOCK} + local; place < end; place += ${SIZE}) {
    copy[first + place] = vector[start + place];
  }`,
      ),
  });
  const parts = shapes.map((shape, i) => viewOf(backend, copy, places[i]?.first ?? 0, shape));
  disposeAll(backend, [copy]);
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
    const numParts = util.sizeFromShape(tensor.shape) / length;
    const numSlices = Math.min(SIZE, 2 ** Math.ceil(Math.log2(Math.max(1, numParts / MAX_SERIAL))));
    return { tensor, start, length, numParts, numSlices };
  });
  const vector = backend.makeTensorInfo([size], "float32");
  const buffers = byBuffer(backend, gradients);
  const programs = Array.from({ length: Math.ceil(buffers.length / BUFFERS_A_PROGRAM) }, (_, i) =>
    buffers.slice(BUFFERS_A_PROGRAM * i, BUFFERS_A_PROGRAM * (i + 1)),
  );
  const rows = programs.map(segmentsOf);
  const segments = tableOf(backend.device, rows.flat(2));
  let firstSegment = 0;
  for (const [i, program] of programs.entries()) {
    const endSegment = firstSegment + (rows[i]?.length ?? 0);
    joinInto(vector, { backend, buffers: program, segments, firstSegment, endSegment });
    firstSegment = endSegment;
  }
  for (const { whole } of buffers) backend.disposeData(whole.dataId);
  return vector;
}

interface Gradient {
  tensor: TensorInfo;
  /** Where it begins in the vector. */
  start: number;
  length: number;
  numParts: number;
  /** Invocations of a workgroup that add up parts of the same number. */
  numSlices: number;
}

/** What a program is told of each gradient. */
const SEGMENT_LENGTH = 7;

function blocksOf({ length, numSlices }: Gradient): number {
  return Math.ceil(length / (numSlices === 1 ? BLOCK : SIZE / numSlices));
}

function segmentsOf(buffers: readonly SharedBuffer<Gradient>[]): number[][] {
  let numBlocks = 0;
  return buffers.flatMap(({ parts }, source) =>
    parts.map((gradient) => {
      const { start, length, numParts, numSlices, first } = gradient;
      const row = [numBlocks, start, length, numParts, source, first, numSlices];
      numBlocks += blocksOf(gradient);
      return row;
    }),
  );
}

function joinInto(
  vector: TensorInfo,
  options: {
    backend: WebGPUBackend;
    buffers: readonly SharedBuffer<Gradient>[];
    segments: GPUBuffer;
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
  const numBlocks = gradients.reduce((sum, gradient) => sum + blocksOf(gradient), 0);
  // Without barriers where none is needed: software adapters take twice as long with them.
  const isSliced = gradients.some(({ numSlices }) => numSlices > 1);
  run(backend, {
    name: "joinSums",
    variant: String(isSliced),
    inputs: {
      segments: [segments, 1, "i32"],
      ...Object.fromEntries(
        sources.map((source, i): [string, Input] => [`source${i}`, [source, 1]]),
      ),
    },
    outputs: { vector: [[size], 1, vector] },
    uniforms: { numBlocks, firstSegment, endSegment },
    numInvocations: SIZE * numBlocks,
    workgroupSize: SIZE,
    work: () => ({
      serialPositions: Math.max(
        ...gradients.map(({ numParts, numSlices }) => Math.ceil(numParts / numSlices)),
      ),
      unreadBytes: 4 * (sizeOf(sources) - sizeOf(gradients.map(({ tensor }) => tensor))),
    }),
    code: () => `
${isSliced ? `var<workgroup> sums: array<f32, ${SIZE}>;` : ""}
${blockCode(
  SEGMENT_LENGTH,
  `
  let numParts = segments[segment + 3];
  let numSlices = ${isSliced ? "segments[segment + 6]" : "1"};
  let width = ${SIZE} / numSlices;
  let slice = local / width;
  let blockLength = select(width, ${BLOCK}, numSlices == 1);
  let end = min((block + 1) * blockLength, length);
  for (var place = block * blockLength + local % width; place < end; place += ${SIZE}) {
    var at = segments[segment + 5] + place + slice * length;
    var sum = 0.0;
    switch segments[segment + 4] {
      ${unrolled(
        BUFFERS_A_PROGRAM,
        (i) => `${i === 0 ? "default" : `case ${i}`}: {
        for (var part = slice; part < numParts; part += numSlices) { sum += source${i}[at]; at += numSlices * length; }
      }`,
      )}
    }
    ${isSliced ? "if (numSlices > 1) { sums[local] = sum; continue; }" : ""}
    vector[start + place] = sum;
  }
  ${
    isSliced
      ? `
  if (numSlices == 1) { return; }
  workgroupBarrier();
  let place = block * blockLength + local;
  if (slice > 0 || place >= end) { return; }
  var sum = 0.0;
  for (var i = local; i < ${SIZE}; i += width) { sum += sums[i]; }
  vector[start + place] = sum;`
      : ""
  }`,
)}`,
  });
}

function sizeOf(tensors: readonly TensorInfo[]): number {
  return tensors.reduce((sum, { shape }) => sum + util.sizeFromShape(shape), 0);
}
