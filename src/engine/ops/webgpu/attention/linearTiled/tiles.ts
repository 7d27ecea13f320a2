/** Sizes and code that the programs share. */

import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import type { TensorInfo } from "@tensorflow/tfjs-core";
import type { Kernels } from "../../../kernel.ts";
import { type Output, runKept, unrolled, vectors } from "../../program.ts";
import { MAX_SERIAL, tuningOf } from "../../tuning.ts";
import type { Work } from "../../work.ts";
import {
  fold,
  type Grid,
  larger,
  MAX_WORKGROUP_BYTES,
  ofRows,
  plus,
  product,
  SIZE,
  store,
  strideOf,
  tileBytes,
  zeros,
} from "../blocks.ts";

export type LinearInputs = Kernels["LinearAttention"]["inputs"];

export type LinearTiles = NonNullable<ReturnType<typeof linearTiles>>;

/**
 * Undefined where tiles do not suit the adapter or do not fit. Lengths of rows are in vectors of four: `dim4` of a head, of
 * `dim` channels, `in4` and `out4` of the images in and out.
 */
export function linearTiles(
  backend: WebGPUBackend,
  { x, memoryKeyValues, outKernel }: Pick<LinearInputs, "x" | "memoryKeyValues" | "outKernel">,
) {
  const [numImages, height, width, numIn] = x.shape as [number, number, number, number];
  const [, heads, numMemory, dim] = memoryKeyValues.shape as [number, number, number, number];
  const numOut = outKernel.shape[3] as number;
  const [dim4, in4, out4] = [dim / 4, numIn / 4, numOut / 4];
  const isInFours = Number.isInteger(in4) && Number.isInteger(out4);
  const { tiles } = tuningOf(backend.device);
  if (tiles !== "workgroup" || !isInFours || dim4 > SIZE) return undefined;
  const groups = Math.floor(SIZE / dim4);
  const widest = Math.max(out4, dim4);
  const rowsPerBlock = [4, 2, 1].find(
    (rows) =>
      tileBytes(rows * groups, in4) + tileBytes(rows * groups, widest) <= MAX_WORKGROUP_BYTES - 512,
  );
  const matrixBytes = tileBytes(dim, Math.max(in4, out4)) + tileBytes(dim, dim4);
  // More blocks an invocation than two would need more registers than there are.
  const areFew = Math.max(in4, out4) * dim4 <= 2 * SIZE;
  if (!rowsPerBlock || !areFew || matrixBytes > MAX_WORKGROUP_BYTES - 512) return undefined;
  const numPositions = height * width;
  const tileRows = rowsPerBlock * groups;
  const partPositions = tileRows * Math.max(1, Math.floor(MAX_SERIAL / tileRows));
  const numParts = Math.ceil(numPositions / partPositions);
  return {
    numImages,
    height,
    width,
    numPositions,
    heads,
    numMemory,
    dim,
    dim4,
    in4,
    out4,
    /** Rows of blocks in a tile, and rows of a block: row r of block row g is g + r groups. */
    groups,
    rowsPerBlock,
    tileRows,
    /** An image's positions are summed in parts. */
    numParts,
    partPositions,
    scale: dim ** -0.5,
  };
}

export interface TiledProgram {
  name: string;
  /** Workgroups; `group` numbers them. */
  numGroups: (t: LinearTiles) => number;
  outputShape: (t: LinearTiles) => Output[0];
  outputKind?: Output[2];
  work: (t: LinearTiles) => Work;
  code: (t: LinearTiles) => string;
}

/** All tensors are read by vec4. */
export function runTiled(
  backend: WebGPUBackend,
  t: LinearTiles,
  program: TiledProgram,
  tensors: Record<string, TensorInfo>,
): TensorInfo {
  const { numImages, numPositions, numParts, heads, numMemory, dim, dim4, in4, out4 } = t;
  const given = { name: program.name, inputs: tensors, values: Object.values(t) };
  const [result] = runKept(backend, given, () => ({
    name: program.name,
    // Sizes are constants of the code; those of images are not, so that all levels share it.
    variant: `${[heads, numMemory, dim, in4, out4, t.tileRows]}`,
    inputs: vectors(tensors),
    uniforms: { numImages, numPositions, numParts, dim4, in4, out4 },
    outputs: { result: [program.outputShape(t), 4, program.outputKind] },
    numInvocations: SIZE * program.numGroups(t),
    workgroupSize: SIZE,
    work: () => program.work(t),
    code: () => program.code(t),
  }));
  return result as TensorInfo;
}

/** Multiply-adds of a product for each position and head, by its row lengths in fours. */
export function productFlops(t: LinearTiles, ...products: [number, number][]): number {
  const each = products.reduce((sum, [rows, columns]) => sum + 2 * 16 * rows * columns, 0);
  return t.numImages * t.heads * t.numPositions * each;
}

/** Blocks of the rows of a tile by the channels of a head; by those of the images. */
export const headGrid = (t: LinearTiles): Grid => ({
  name: "head",
  numRows: t.groups,
  numColumns: t.dim4,
});
export const imageGrid = (t: LinearTiles, numColumns: number): Grid => ({
  name: "image",
  numRows: t.groups,
  numColumns,
});

export function tileMemory(t: LinearTiles): string {
  const numVectors = Math.max(2 * SIZE, t.tileRows * tileStride(t));
  return `
var<workgroup> xTile: array<vec4<f32>, ${t.tileRows * strideOf(t.in4)}>;
var<workgroup> tile: array<vec4<f32>, ${numVectors}>;`;
}

export function tileStride(t: LinearTiles): number {
  return strideOf(Math.max(t.out4, t.dim4));
}

/** The variables `part`, `head` and `image` of a workgroup, and where its part ends. */
export function partOfHead(t: LinearTiles): string {
  return `
  let head = group % ${t.heads};
  let part = (group / ${t.heads}) % uniforms.numParts;
  let image = group / (${t.heads} * uniforms.numParts);
  if (image >= uniforms.numImages) { return; }
  let end = min((part + 1) * ${t.partPositions}, uniforms.numPositions);`;
}

/** Fetches the rows of a tile from position `first` on; rows beyond the image are zeros. */
export function stage(to: "xTile" | "tile", input: string, t: LinearTiles, numVectors: number) {
  const stride = to === "xTile" ? strideOf(t.in4) : tileStride(t);
  return `
  for (var i = local; i < ${t.tileRows * numVectors}; i += ${SIZE}) {
    var four = vec4<f32>(0.0);
    if (first + i / ${numVectors} < uniforms.numPositions) {
      four = ${input}[(image * uniforms.numPositions + first) * ${numVectors} + i];
    }
    ${to}[(i / ${numVectors}) * ${stride} + i % ${numVectors}] = four;
  }`;
}

export const blockRow = (t: LinearTiles, grid: Grid, k: number, r: number) =>
  `(${grid.name}Row${k} + ${r * t.groups})`;

/** Sums `<to>0_<r>` of the projection of the tile of x to queries (0) or keys (1). */
export function project(to: string, which: 0 | 1, t: LinearTiles): string {
  const grid = headGrid(t);
  return `
  ${zeros(to, grid, t.rowsPerBlock)}
  ${product(to, grid, t.rowsPerBlock, {
    depth: "uniforms.in4",
    left: (k, r) => `xTile[${blockRow(t, grid, k, r)} * ${strideOf(t.in4)} + c]`,
    right: (k, j) =>
      `qkv[((4 * c + ${j}) * ${3 * t.heads} + ${which * t.heads} + head) * ${t.dim4} + headColumn${k}]`,
  })}`;
}

/** Queries to their softmax over the channels; with `along` also sum over channels of softmax times these. */
export function querySoftmax(t: LinearTiles, along?: string): string {
  const grid = headGrid(t);
  const eachRow = (line: (r: number) => string) => unrolled(t.rowsPerBlock, line);
  const rows = (value: (r: number) => string) => ofRows(t.rowsPerBlock, value);
  const most = (v: string) => `max(max(${v}.x, ${v}.y), max(${v}.z, ${v}.w))`;
  return `
  var largest = ${rows((r) => most(`query0_${r}`))};
  ${fold("row", grid, [{ of: "largest", combine: larger }])}
  workgroupBarrier();
  ${eachRow((r) => `query0_${r} = exp(query0_${r} - largest[${r}]);`)}
  var total = ${rows((r) => `dot(query0_${r}, vec4<f32>(1.0))`)};
  ${along ? `var along = ${rows((r) => `dot(query0_${r}, ${along}0_${r})`)};` : ""}
  ${fold(
    "row",
    grid,
    ["total", ...(along ? ["along"] : [])].map((of) => ({ of, combine: plus })),
  )}
  workgroupBarrier();
  ${eachRow((r) => `query0_${r} *= 1.0 / total[${r}];`)}
  ${along ? "along = along / total;" : ""}`;
}

/** Puts the rows of `<name>0_<r>` into `tile`. */
export function toTile(name: string, t: LinearTiles): string {
  const grid = headGrid(t);
  const place = (k: number, r: number) =>
    `tile[${blockRow(t, grid, k, r)} * ${tileStride(t)} + headColumn${k}]`;
  return store(name, grid, t.rowsPerBlock, place);
}
