/**
 * The gradient of `output.ts`. With F = q^T dY, dC = F Wo^T, E = s dC Wv^T and z, the sums of the rows
 * of C dC:
 *
 *   dq = q (dY M^T - sum over channels of q dY M^T),  dk = k (X E^T - z),
 *   dX = sum over heads of dq Wq^T + dk Wk^T + k E,
 *   dWq = X^T dq,  dWk = X^T dk,  dWv = s G^T dC,  dWo = C^T F.
 */

import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import { type TensorInfo, util } from "@tensorflow/tfjs-core";
import type { Kernels } from "../../../kernel.ts";
import { disposeAll, runKept, unrolled, vectors } from "../../program.ts";
import { nextStart, viewOf } from "../../sharedBuffers.ts";
import {
  blocksOf,
  eachOwn,
  type Grid,
  outerProduct,
  places,
  product,
  SIZE,
  store,
  strideOf,
  zeros,
} from "../blocks.ts";
import { matrixOffsets } from "./output.ts";
import {
  gradientOffsets,
  headSum,
  KERNEL_SUMS,
  tileGradients,
  turnedVectors,
  turnKernel,
} from "./positions.ts";
import {
  headGrid,
  type LinearTiles,
  partOfHead,
  productFlops,
  project,
  querySoftmax,
  runTiled,
  stage,
  type TiledProgram,
  tileMemory,
  tileStride,
  toTile,
} from "./tiles.ts";

/** The gradients of x, the two projections, the memory and the output's bias; all in parts, that of x by its heads. */
export function linearTiledGradients(
  backend: WebGPUBackend,
  t: LinearTiles,
  inputs: Kernels["LinearAttentionGradient"]["inputs"],
): TensorInfo[] {
  const { x, qkvKernel: qkv, memoryKeyValues: memory, outKernel, saved: matrices, dy } = inputs;
  const parts = runTiled(backend, t, OUTPUT_SUMS, { x, qkv, dy });
  const given = { parts, matrices, qkv, outKernel, memory };
  const { gradients, dValues, ofParameters } = matrixGradients(backend, t, given);
  const { dXs, dKernels } = tileGradients(backend, t, { x, dy, qkv, gradients });
  const dQkv = runTiled(backend, t, KERNEL_SUMS, { dKernels, dValues });
  disposeAll(backend, [parts, gradients, dValues, dKernels]);
  // Most often of a norm, whose gradient adds up the heads while it reads them.
  if (!inputs.addend) return [dXs, dQkv, ...ofParameters];
  const dX = headSum(backend, t, { dXs, addend: inputs.addend });
  disposeAll(backend, [dXs]);
  return [dX, dQkv, ...ofParameters];
}

/** F of a part, `[d, C_out]`. */
const OUTPUT_SUMS: TiledProgram = {
  name: "linearAttentionOutputSums",
  numGroups: (t) => t.numImages * t.numParts * t.heads,
  outputShape: (t) => [t.numImages, t.numParts, t.heads, t.dim, 4 * t.out4],
  work: (t) => ({
    flops: productFlops(t, [t.in4, t.dim4], [t.dim4, t.out4]),
    serialPositions: t.partPositions,
  }),
  code: (t) => {
    const sums: Grid = { name: "sum", numRows: t.dim4, numColumns: t.out4 };
    return `
${tileMemory(t)}
fn main(group: i32, local: i32) {
  ${partOfHead(t)}
  ${places(headGrid(t))}
  ${places(sums)}
  ${zeros("sum", sums, 4)}
  for (var first = part * ${t.partPositions}; first < end; first += ${t.tileRows}) {
    ${stage("xTile", "x", t, t.in4)}
    workgroupBarrier();
    ${project("query", 0, t)}
    ${querySoftmax(t)}
    ${toTile("query", t)}
    workgroupBarrier();
    let row = image * uniforms.numPositions + first;
    ${outerProduct("sum", sums, `min(${t.tileRows}, end - first)`, {
      left: (k) => `tile[n * ${tileStride(t)} + sumRow${k}]`,
      right: (k) => `dy[(row + n) * ${t.out4} + sumColumn${k}]`,
    })}
  }
  ${store("sum", sums, 4, (k, r) => `result[(group * ${t.dim} + 4 * sumRow${k} + ${r}) * ${t.out4} + sumColumn${k}]`)}
}`;
  },
};

/**
 * Sums up the parts of F for each image and head. Returns what `tileGradients` needs, with `turnKernel` behind it, and the
 * gradients that need no positions: of the values' kernel, `[B, heads, C, d]`, the memory, and the output's kernel and bias.
 */
function matrixGradients(
  backend: WebGPUBackend,
  t: LinearTiles,
  tensors: Record<"parts" | "matrices" | "qkv" | "outKernel" | "memory", TensorInfo>,
) {
  const { numImages, numParts, heads, numMemory, dim, dim4, in4, out4 } = t;
  const shapes = [
    [numImages, 2, heads, numMemory, dim],
    [numImages, 1, 1, heads * dim, 4 * out4],
    [numImages, 4 * out4],
  ];
  let size = 0;
  const starts = shapes.map((shape) => {
    const start = size;
    size = nextStart(start + util.sizeFromShape(shape));
    return start;
  });
  const [, outStart, biasStart] = starts.map((start) => start / 4) as [number, number, number];
  const numGradients = numImages * heads * gradientOffsets(t).length;
  const valuesStart = nextStart(4 * (numGradients + turnedVectors(t)));
  // In few buffers, since a program is granted eight.
  const values = Object.values(t);
  const given = { name: "linearAttentionMatrixGradients", inputs: tensors, values };
  const [gradients, parameters] = runKept(backend, given, () => ({
    name: given.name,
    variant: `${[heads, numMemory, dim, in4, out4]}`,
    inputs: vectors(tensors),
    uniforms: {
      numImages,
      numParts,
      dim4,
      out4,
      valuesStart: valuesStart / 4,
      outStart,
      biasStart,
    },
    outputs: {
      gradients: [[valuesStart + numImages * heads * 4 * in4 * dim], 4],
      parameters: [[size], 4, "gradient"],
    },
    numInvocations: SIZE * (numImages * heads + Math.ceil(turnedVectors(t) / (4 * SIZE))),
    workgroupSize: SIZE,
    work: () => ({
      flops: numImages * heads * 2 * dim ** 2 * (8 * in4 + 12 * out4 + 4),
      serialPositions: numParts,
      unreadBytes: 16 * numImages * heads * dim * out4,
    }),
    code: () => matrixGradientCode(t),
  })) as [TensorInfo, TensorInfo];
  const ofParameters = shapes.map((shape, i) =>
    viewOf(backend, parameters, starts[i] as number, shape),
  );
  const dValues = viewOf(backend, gradients, valuesStart, [numImages, heads, 4 * in4, dim]);
  disposeAll(backend, [parameters]);
  return { gradients, dValues, ofParameters };
}

function matrixGradientCode(t: LinearTiles): string {
  const { dim, dim4, in4, out4, heads } = t;
  const at = gradientOffsets(t);
  const of = matrixOffsets(t);
  const outputs: Grid = { name: "output", numRows: dim4, numColumns: out4 };
  const contexts: Grid = { name: "context", numRows: dim4, numColumns: dim4 };
  const byX: Grid = { name: "byX", numRows: dim4, numColumns: in4 };
  const row = (grid: Grid, k: number, r: number) => `(4 * ${grid.name}Row${k} + ${r})`;
  return `
var<workgroup> wide: array<vec4<f32>, ${dim * strideOf(out4)}>;
var<workgroup> narrow: array<vec4<f32>, ${dim * strideOf(dim4)}>;
var<workgroup> alongs: array<vec4<f32>, ${dim4}>;
${parameterGradientCode(t)}
fn main(group: i32, local: i32) {
  let head = group % ${heads};
  let image = group / ${heads};
  if (image >= uniforms.numImages) {
    ${turnKernel(t)}
    return;
  }
  let start = group * ${at.length};
  let own = group * ${of.length};
  if (local < ${2 * dim4}) { gradients[start + local] = matrices[own + local]; }
  for (var i = local; i < ${dim * dim4}; i += ${SIZE}) {
    narrow[(i / ${dim4}) * ${strideOf(dim4)} + i % ${dim4}] = matrices[own + ${of.context} + i];
  }
  for (var i = local; i < ${dim * out4}; i += ${SIZE}) {
    var sum = vec4<f32>(0.0);
    for (var part = 0; part < uniforms.numParts; part++) {
      sum += parts[((image * uniforms.numParts + part) * ${heads} + head) * ${dim * out4} + i];
    }
    wide[(i / ${out4}) * ${strideOf(out4)} + i % ${out4}] = sum;
  }
  workgroupBarrier();
  ${places(outputs)}
  ${zeros("output", outputs, 4)}
  ${product("output", outputs, 4, {
    depth: "uniforms.dim4",
    left: (k, r) => `narrow[${row(outputs, k, r)} * ${strideOf(dim4)} + c]`,
    right: (k, j) => `outKernel[(head * ${dim} + 4 * c + ${j}) * ${out4} + outputColumn${k}]`,
  })}
  ${eachOwn(outputs, (k) => storeTurned("output", outputs, k, at.projected, dim4))}
  workgroupBarrier();
  ${places(contexts)}
  ${zeros("context", contexts, 4)}
  ${product("context", contexts, 4, {
    depth: "uniforms.out4",
    isTurned: true,
    left: (k, r) => `wide[${row(contexts, k, r)} * ${strideOf(out4)} + c]`,
    right: (k, j) => `outKernel[(head * ${dim} + 4 * contextColumn${k} + ${j}) * ${out4} + c]`,
  })}
  ${eachOwn(contexts, (k) =>
    unrolled(
      4,
      (r) => `
      narrow[${row(contexts, k, r)} * ${strideOf(dim4)} + contextColumn${k}] = context${k}_${r};`,
    ),
  )}
  workgroupBarrier();
  if (local < ${dim4}) {
    var along = vec4<f32>(0.0);
    let context = own + ${of.context} + 4 * local * ${dim4};
    for (var c = 0; c < ${dim4}; c++) {
      along += vec4<f32>(${[0, 1, 2, 3]
        .map(
          (r) =>
            `dot(matrices[context + ${r * dim4} + c], narrow[(4 * local + ${r}) * ${strideOf(dim4)} + c])`,
        )
        .join(", ")});
    }
    alongs[local] = along;
    gradients[start + ${at.along} + local] = along;
  }
  ${places(byX)}
  ${zeros("sum", byX, 4)}
  ${product("sum", byX, 4, {
    depth: "uniforms.dim4",
    isTurned: true,
    left: (k, r) => `narrow[${row(byX, k, r)} * ${strideOf(dim4)} + c]`,
    right: (k, j) =>
      `qkv[((4 * byXColumn${k} + ${j}) * ${3 * heads} + ${2 * heads} + head) * ${dim4} + c]`,
  })}
  ${unrolled(blocksOf(byX), (k) => unrolled(4, (r) => `sum${k}_${r} *= ${t.scale};`))}
  ${eachOwn(
    byX,
    (k) => `
    ${unrolled(
      4,
      (r) =>
        `gradients[start + ${at.byX} + ${row(byX, k, r)} * ${in4} + byXColumn${k}] = sum${k}_${r};`,
    )}
    ${storeTurned("sum", byX, k, at.turned, dim4)}`,
  )}
  workgroupBarrier();
  for (var item = local; item < ${parameterBlocks(t).count}; item += ${SIZE}) { parameterGradient(item, group); }
}`;
}

/** Stores a block of four neighboring rows as columns of a matrix of `length` vectors a row. */
function storeTurned(name: string, grid: Grid, k: number, offset: number, length: number): string {
  const column = (r: number) => [0, 1, 2, 3].map((i) => `${name}${k}_${i}[${r}]`).join(", ");
  return unrolled(
    4,
    (r) => `
    gradients[start + ${offset} + (4 * ${grid.name}Column${k} + ${r}) * ${length} + ${grid.name}Row${k}] =
      vec4<f32>(${column(r)});`,
  );
}

/** Blocks of an image and head, four channels each, that gradients of parameters are computed by. */
function parameterBlocks({ dim4, in4, out4, numMemory }: LinearTiles) {
  const [ofValues, ofOut, ofMemory] = [in4 * dim4, dim4 * out4, numMemory * dim4];
  return { ofValues, ofOut, ofMemory, count: ofValues + ofOut + ofMemory + out4 };
}

/** Makes the parameters' gradients of dC in `narrow` and F in `wide`. A softmax' sum is 1, so the bias' gradient is the sum of F's rows. */
function parameterGradientCode(t: LinearTiles): string {
  const { heads, dim, dim4, in4, out4, numMemory } = t;
  const { ofValues, ofOut, ofMemory } = parameterBlocks(t);
  const of = matrixOffsets(t);
  const memoryAt = (part: number, m: string) =>
    `memory[((${part * heads} + head) * ${numMemory} + ${m}) * ${dim4}`;
  return `
fn parameterGradient(index: i32, group: i32) {
  let head = group % ${heads};
  let image = group / ${heads};
  let own = group * ${of.length};
  var item = index;
  ${unrolled(4, (r) => `var row${r} = vec4<f32>(0.0);`)}
  if (item < ${ofValues}) {
    let keys = own + ${of.keys} + item / ${dim4};
    for (var i = 0; i < ${dim}; i++) {
      let a = matrices[keys + i * ${in4}];
      let b = narrow[i * ${strideOf(dim4)} + item % ${dim4}];
      ${unrolled(4, (r) => `row${r} += a[${r}] * b;`)}
    }
    let first = uniforms.valuesStart + (group * ${4 * in4} + 4 * (item / ${dim4})) * ${dim4} + item % ${dim4};
    ${unrolled(4, (r) => `gradients[first + ${r * dim4}] = ${t.scale} * row${r};`)}
    return;
  }
  item -= ${ofValues};
  if (item < ${ofOut}) {
    let context = own + ${of.context} + item / ${out4};
    for (var i = 0; i < ${dim}; i++) {
      let a = matrices[context + i * ${dim4}];
      let b = wide[i * ${strideOf(out4)} + item % ${out4}];
      ${unrolled(4, (r) => `row${r} += a[${r}] * b;`)}
    }
    let first = uniforms.outStart + (group * ${dim} + 4 * (item / ${out4})) * ${out4} + item % ${out4};
    ${unrolled(4, (r) => `parameters[first + ${r * out4}] = row${r};`)}
    return;
  }
  item -= ${ofOut};
  if (item < ${ofMemory}) {
    let m = item / ${dim4};
    let block = item % ${dim4};
    for (var c = 0; c < ${dim4}; c++) {
      let weights = exp(${memoryAt(0, "m")} + c] - matrices[own + c]) * matrices[own + ${dim4} + c];
      let value = ${memoryAt(1, "m")} + c];
      ${unrolled(
        4,
        (r) => `
      row0 += weights[${r}] * narrow[(4 * c + ${r}) * ${strideOf(dim4)} + block];
      row1[${r}] += dot(value, narrow[(4 * block + ${r}) * ${strideOf(dim4)} + c]);`,
      )}
    }
    let key = exp(${memoryAt(0, "m")} + block] - matrices[own + block]) * matrices[own + ${dim4} + block];
    let first = (2 * image * ${heads} + head) * ${ofMemory} + item;
    parameters[first] = key * (${t.scale} * row1 - alongs[block]);
    parameters[first + ${heads * ofMemory}] = ${t.scale} * row0;
    return;
  }
  item -= ${ofMemory};
  if (head > 0) { return; }
  for (var i = 0; i < ${dim}; i++) { row0 += wide[i * ${strideOf(out4)} + item]; }
  parameters[uniforms.biasStart + image * ${out4} + item] = row0;
}`;
}
