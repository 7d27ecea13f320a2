/** The part of the gradient that goes over all positions: of x, and of the projections to queries and keys. */

import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import type { TensorInfo } from "@tensorflow/tfjs-core";
import { runKept, unrolled, vectors } from "../../program.ts";
import {
  eachOwn,
  type Grid,
  outerProduct,
  places,
  product,
  SIZE,
  strideOf,
  zeros,
} from "../blocks.ts";
import {
  blockRow,
  headGrid,
  imageGrid,
  type LinearTiles,
  partOfHead,
  productFlops,
  project,
  querySoftmax,
  stage,
  type TiledProgram,
  tileMemory,
  tileStride,
  toTile,
} from "./tiles.ts";

/**
 * Where of an image and head z, M turned, E and E turned begin, and their length in all. First are those numbers of
 * the key channels with which the matrices begin.
 */
export function gradientOffsets({ dim, dim4, in4, out4 }: LinearTiles) {
  const along = 2 * dim4;
  const projected = along + dim4;
  const byX = projected + dim * out4;
  const turned = byX + dim * in4;
  return { along, projected, byX, turned, length: turned + dim * in4 };
}

/** The projections to queries and keys turned, `[2 heads d, C]`, lie behind the matrices of all images: so many vectors. */
export function turnedVectors({ heads, dim, in4 }: LinearTiles): number {
  return 2 * heads * dim * in4;
}

/** WGSL of workgroups behind those of images: turns a block of 4 x 4 each invocation. */
export function turnKernel(t: LinearTiles): string {
  const { heads, dim4, in4 } = t;
  const numRows = 2 * heads * dim4;
  return `
    let index = (group - uniforms.numImages * ${heads}) * ${SIZE} + local;
    let row = index % ${numRows};
    let c = index / ${numRows};
    if (c < ${in4}) {
      let turned = ${turnedStart(t)};
      ${unrolled(4, (i) => `let v${i} = qkv[(4 * c + ${i}) * ${3 * heads * dim4} + row];`)}
      ${unrolled(
        4,
        (r) =>
          `gradients[turned + (4 * row + ${r}) * ${in4} + c] = vec4<f32>(v0[${r}], v1[${r}], v2[${r}], v3[${r}]);`,
      )}
    }`;
}

function turnedStart(t: LinearTiles): string {
  return `uniforms.numImages * ${t.heads * gradientOffsets(t).length}`;
}

/** The gradients of a part of an image's positions and a head: dX of that head, `[heads, B, N, C]`, dWq and dWk. */
export function tileGradients(
  backend: WebGPUBackend,
  t: LinearTiles,
  tensors: Record<"x" | "dy" | "qkv" | "gradients", TensorInfo>,
) {
  const { numImages, numPositions, numParts, heads, dim, dim4, in4, out4, tileRows } = t;
  const given = { name: "linearAttentionTileGradients", inputs: tensors, values: Object.values(t) };
  const [dXs, dKernels] = runKept(backend, given, () => ({
    name: given.name,
    variant: `${[heads, dim, in4, out4, tileRows]}`,
    inputs: vectors(tensors),
    uniforms: { numImages, numPositions, numParts, dim4, in4, out4 },
    outputs: {
      dXs: [[heads, numImages, numPositions, 4 * in4], 4],
      dKernels: [[numImages, numParts, heads, 2, 4 * in4, dim], 4],
    },
    numInvocations: SIZE * numImages * numParts * heads,
    workgroupSize: SIZE,
    work: () => ({
      flops: productFlops(t, [8 * in4, dim4], [out4, dim4]),
      serialPositions: t.partPositions,
      unreadBytes: 16 * numImages * heads * in4 * dim,
    }),
    code: () => tileGradientCode(t),
  })) as [TensorInfo, TensorInfo];
  return { dXs, dKernels };
}

function tileGradientCode(t: LinearTiles): string {
  const { heads, dim, dim4, in4, out4, rowsPerBlock: numRows } = t;
  const grid = headGrid(t);
  const images = imageGrid(t, in4);
  const sums: Grid = { name: "sum", numRows: in4, numColumns: dim4 };
  const at = gradientOffsets(t);
  const eachRow = (line: (r: number) => string) => unrolled(numRows, line);
  const xRow = (k: number, r: number) => `xTile[${blockRow(t, grid, k, r)} * ${strideOf(in4)} + c]`;
  // dX from the tile, times a matrix of `[d, C]`.
  const toX = (right: (row: string) => string) =>
    product("dX", images, numRows, {
      depth: "uniforms.dim4",
      left: (k, r) => `tile[${blockRow(t, images, k, r)} * ${tileStride(t)} + c]`,
      right: (k, j) => right(`(4 * c + ${j}) * ${in4} + imageColumn${k}`),
    });
  const toKernel = (to: string) =>
    outerProduct(to, sums, t.tileRows, {
      left: (k) => `xTile[n * ${strideOf(in4)} + sumRow${k}]`,
      right: (k) => `tile[n * ${tileStride(t)} + sumColumn${k}]`,
    });
  const turned = (which: number) => (row: string) =>
    `gradients[turned + (${which * heads} + head) * ${dim * in4} + ${row}]`;
  return `
${tileMemory(t)}
fn main(group: i32, local: i32) {
  ${partOfHead(t)}
  ${places(grid)}
  ${places(images)}
  ${places(sums)}
  ${zeros("queryKernel", sums, 4)}
  ${zeros("keyKernel", sums, 4)}
  let mine = (image * ${heads} + head) * ${at.length};
  let turned = ${turnedStart(t)};
  for (var first = part * ${t.partPositions}; first < end; first += ${t.tileRows}) {
    workgroupBarrier();
    ${stage("xTile", "x", t, in4)}
    ${stage("tile", "dy", t, out4)}
    workgroupBarrier();
    ${zeros("slope", grid, numRows)}
    ${product("slope", grid, numRows, {
      depth: "uniforms.out4",
      left: (k, r) => `tile[${blockRow(t, grid, k, r)} * ${tileStride(t)} + c]`,
      right: (k, j) =>
        `gradients[mine + ${at.projected} + (4 * c + ${j}) * ${dim4} + headColumn${k}]`,
    })}
    ${project("query", 0, t)}
    workgroupBarrier();
    ${querySoftmax(t, "slope")}
    ${eachRow((r) => `query0_${r} *= slope0_${r} - along[${r}];`)}
    ${toTile("query", t)}
    workgroupBarrier();
    ${zeros("dX", images, numRows)}
    ${toX(turned(0))}
    ${toKernel("queryKernel")}
    ${project("key", 1, t)}
    ${zeros("byX", grid, numRows)}
    ${product("byX", grid, numRows, {
      depth: "uniforms.in4",
      left: xRow,
      right: (k, j) => `gradients[mine + ${at.turned} + (4 * c + ${j}) * ${dim4} + headColumn${k}]`,
    })}
    ${eachRow(
      (r) => `
    key0_${r} = exp(key0_${r} - gradients[mine + headColumn0]) * gradients[mine + ${dim4} + headColumn0];
    if (first + ${blockRow(t, grid, 0, r)} >= uniforms.numPositions) { key0_${r} = vec4<f32>(0.0); }
    byX0_${r} = key0_${r} * (byX0_${r} - gradients[mine + ${at.along} + headColumn0]);`,
    )}
    workgroupBarrier();
    ${toTile("byX", t)}
    workgroupBarrier();
    ${toX(turned(1))}
    ${toKernel("keyKernel")}
    workgroupBarrier();
    ${toTile("key", t)}
    workgroupBarrier();
    ${toX((row) => `gradients[mine + ${at.byX} + ${row}]`)}
    ${eachOwn(images, (k) =>
      eachRow(
        (r) => `{
      let position = first + ${blockRow(t, images, k, r)};
      if (position < uniforms.numPositions) {
        let row = (head * uniforms.numImages + image) * uniforms.numPositions + position;
        dXs[row * ${in4} + imageColumn${k}] = dX${k}_${r};
      }
    }`,
      ),
    )}
  }
  ${eachOwn(sums, (k) =>
    unrolled(
      4,
      (r) => `{
    let row = (group * ${8 * in4} + 4 * sumRow${k} + ${r}) * ${dim4} + sumColumn${k};
    dKernels[row] = queryKernel${k}_${r};
    dKernels[row + ${4 * in4 * dim4}] = keyKernel${k}_${r};
  }`,
    ),
  )}
}`;
}

/** dX of all heads, plus the addend; `[B, H, W, C]`. */
export function headSum(
  backend: WebGPUBackend,
  t: LinearTiles,
  { dXs, addend }: { dXs: TensorInfo; addend: TensorInfo | undefined },
): TensorInfo {
  const size = t.numImages * t.numPositions * t.in4;
  const values = Object.values(t);
  const given = { name: "linearAttentionHeadSum", inputs: { dXs, addend }, values };
  const [result] = runKept(backend, given, () => ({
    name: given.name,
    variant: String(t.heads),
    inputs: { dXs: [dXs, 4], addend: addend && [addend, 4] },
    uniforms: { size },
    outputs: { result: [[t.numImages, t.height, t.width, 4 * t.in4], 4] },
    numInvocations: size,
    work: () => ({ flops: 4 * t.heads * size }),
    code: () => `
fn main(index: i32) {
  if (index >= uniforms.size) { return; }
  var sum = ${addend ? "addend[index]" : "vec4<f32>(0.0)"};
  ${unrolled(t.heads, (head) => `sum += dXs[${head} * uniforms.size + index];`)}
  result[index] = sum;
}`,
  }));
  return result as TensorInfo;
}

/** Vectors side by side in `KERNEL_SUMS`: what one cache line holds. */
const SUM_COLUMNS = 8;
const SUM_SLICES = SIZE / SUM_COLUMNS;

/** The projection's gradient, summed over parts and images: `[1, 1, 1, C, 3 heads d]`. */
export const KERNEL_SUMS: TiledProgram = {
  name: "linearAttentionKernelSums",
  numGroups: (t) => Math.ceil((4 * t.in4 * 3 * t.heads * t.dim4) / SUM_COLUMNS),
  outputShape: (t) => [1, 1, 1, 4 * t.in4, 3 * t.heads * t.dim],
  outputKind: "gradient",
  work: (t) => ({ serialPositions: Math.ceil((t.numImages * t.numParts) / SUM_SLICES) }),
  code: ({ heads, dim4, in4 }) => `
var<workgroup> slices: array<vec4<f32>, ${SIZE}>;
fn main(group: i32, local: i32) {
  let at = group * ${SUM_COLUMNS} + local % ${SUM_COLUMNS};
  let slice = local / ${SUM_COLUMNS};
  let head = (at / ${dim4}) % ${heads};
  let which = (at / ${heads * dim4}) % 3;
  let own = (at / ${3 * heads * dim4}) * ${dim4} + at % ${dim4};
  var sum = vec4<f32>(0.0);
  if (which < 2) {
    for (var part = slice; part < uniforms.numImages * uniforms.numParts; part += ${SUM_SLICES}) {
      sum += dKernels[((part * ${heads} + head) * 2 + which) * ${4 * in4 * dim4} + own];
    }
  } else {
    for (var image = slice; image < uniforms.numImages; image += ${SUM_SLICES}) {
      sum += dValues[(image * ${heads} + head) * ${4 * in4 * dim4} + own];
    }
  }
  slices[local] = sum;
  workgroupBarrier();
  if (slice > 0 || at >= ${4 * in4 * 3 * heads * dim4}) { return; }
  ${unrolled(SUM_SLICES - 1, (i) => `sum += slices[local + ${(i + 1) * SUM_COLUMNS}];`)}
  result[at] = sum;
}`,
};
