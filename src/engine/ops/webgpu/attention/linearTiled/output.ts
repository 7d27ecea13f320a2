/**
 * Linear attention with its projections in one pass over tiles of positions, for graphics cards. Queries,
 * keys, values and the heads' outputs are never in memory: of every image and head only small matrices are.
 * With the softmaxes q of the queries and k of the keys, and s = 1 / sqrt(d):
 *
 *   G = k^T X,  C = s k^T V = s (G Wv + memory),  M = C Wo,  Y = sum over heads of q M + bias.
 *
 * The four layers of Assignment move 1.2 GB a step instead of 5.4, in 28 dispatches instead of 64. Inner loops go up to
 * uniforms: of loops of known length AMD's compiler made straight code in 252 registers instead of 144. Software adapters
 * are slow at barriers and keep the form of `attention/linear.ts`, as do heads or channels that are too wide for 16 KB.
 */

import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import type { TensorInfo } from "@tensorflow/tfjs-core";
import { disposeAll, unrolled } from "../../program.ts";
import {
  blocksOf,
  eachOwn,
  fold,
  type Grid,
  larger,
  outerProduct,
  places,
  plus,
  product,
  SIZE,
  store,
  strideOf,
  zeros,
} from "../blocks.ts";
import {
  blockRow,
  headGrid,
  imageGrid,
  type LinearInputs,
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

/**
 * Where G, C and M of an image and head begin, and their length in all. First are of each key channel the
 * largest and one over the sum of exponentials.
 */
export function matrixOffsets({ dim, dim4, in4, out4 }: LinearTiles) {
  const keys = 2 * dim4;
  const context = keys + dim * in4;
  const projected = context + dim * dim4;
  return { keys, context, projected, length: projected + dim * out4 };
}

/** The output `[B, H, W, C_out]`, and the small matrices, `[B, heads, …]`. */
export function linearTiledOutput(
  backend: WebGPUBackend,
  t: LinearTiles,
  { x, qkvKernel: qkv, memoryKeyValues: memory, outKernel, outBias }: LinearInputs,
): TensorInfo[] {
  const parts = runTiled(backend, t, KEYS, { x, qkv });
  const matrices = runTiled(backend, t, CONTEXT, { parts, qkv, memory, outKernel });
  disposeAll(backend, [parts]);
  return [runTiled(backend, t, OUTPUT, { x, qkv, matrices, outBias }), matrices];
}

/** Computes for each key channel of a part the largest value, the sum of exponentials, and that of exponentials by x: `[d, C]`. */
const KEYS: TiledProgram = {
  name: "linearAttentionKeys",
  numGroups: (t) => t.numImages * t.numParts * t.heads,
  outputShape: (t) => [t.numImages, t.numParts, t.heads, 2 + 4 * t.in4, t.dim],
  work: (t) => ({
    flops: productFlops(t, [t.in4, t.dim4], [t.in4, t.dim4]),
    serialPositions: t.partPositions,
  }),
  code: (t) => {
    const grid = headGrid(t);
    const sums: Grid = { name: "sum", numRows: t.dim4, numColumns: t.in4 };
    const eachRow = (line: (r: number) => string) => unrolled(t.rowsPerBlock, line);
    const all = (value: (r: number) => string, combine: typeof plus) =>
      Array.from({ length: t.rowsPerBlock }, (_, r) => value(r)).reduce(combine);
    const isBeyond = (r: number) => `first + ${blockRow(t, grid, 0, r)} >= uniforms.numPositions`;
    return `
${tileMemory(t)}
var<workgroup> factors: array<vec4<f32>, ${t.dim4}>;
fn main(group: i32, local: i32) {
  ${partOfHead(t)}
  ${places(grid)}
  ${places(sums)}
  ${zeros("keySum", sums, 4)}
  var largest = vec4<f32>(-3.4e38);
  var total = vec4<f32>(0.0);
  for (var first = part * ${t.partPositions}; first < end; first += ${t.tileRows}) {
    workgroupBarrier();
    ${stage("xTile", "x", t, t.in4)}
    workgroupBarrier();
    ${project("key", 1, t)}
    ${eachRow((r) => `if (${isBeyond(r)}) { key0_${r} = vec4<f32>(-3.4e38); }`)}
    let before = largest;
    var highest = ${all((r) => `key0_${r}`, larger)};
    ${fold("column", grid, [{ of: "highest", combine: larger }])}
    workgroupBarrier();
    largest = max(before, highest);
    let factor = exp(before - largest);
    ${eachRow((r) => `key0_${r} = exp(key0_${r} - largest);`)}
    total = total * factor + ${all((r) => `key0_${r}`, plus)};
    ${toTile("key", t)}
    if (local < ${t.dim4}) { factors[local] = factor; }
    workgroupBarrier();
    ${unrolled(blocksOf(sums), (k) =>
      unrolled(4, (r) => `keySum${k}_${r} *= factors[sumRow${k}][${r}];`),
    )}
    ${outerProduct("keySum", sums, t.tileRows, {
      left: (k) => `tile[n * ${tileStride(t)} + sumRow${k}]`,
      right: (k) => `xTile[n * ${strideOf(t.in4)} + sumColumn${k}]`,
    })}
  }
  workgroupBarrier();
  ${fold("column", grid, [{ of: "total", combine: plus }])}
  let start = group * ${2 * t.dim4 + t.dim * t.in4};
  if (local < ${t.dim4}) {
    result[start + local] = largest;
    result[start + ${t.dim4} + local] = total;
  }
  ${store("keySum", sums, 4, (k, r) => `result[start + ${2 * t.dim4} + (4 * sumRow${k} + ${r}) * ${t.in4} + sumColumn${k}]`)}
}`;
  },
};

/** The small matrices of an image and head, of its parts. */
const CONTEXT: TiledProgram = {
  name: "linearAttentionMatrices",
  numGroups: (t) => t.numImages * t.heads,
  outputShape: (t) => [t.numImages, t.heads, 4 * matrixOffsets(t).length],
  work: (t) => ({
    flops: t.numImages * t.heads * 2 * t.dim ** 2 * (4 * t.in4 + 4 * t.out4),
    serialPositions: t.numParts,
  }),
  code: (t) => {
    const { dim, dim4, in4, out4, heads } = t;
    const at = matrixOffsets(t);
    const contexts: Grid = { name: "context", numRows: dim4, numColumns: dim4 };
    const outputs: Grid = { name: "output", numRows: dim4, numColumns: out4 };
    const row = (grid: Grid, k: number, r: number) => `(4 * ${grid.name}Row${k} + ${r})`;
    const column = (grid: Grid, k: number) => `${grid.name}Column${k}`;
    const memoryAt = (part: number, m: string) =>
      `memory[((${part * heads} + head) * ${t.numMemory} + ${m}) * ${dim4}`;
    const part = `((image * uniforms.numParts + part) * ${heads} + head) * ${2 * dim4 + dim * in4}`;
    return `
var<workgroup> statistics: array<vec4<f32>, ${2 * dim4}>;
var<workgroup> wide: array<vec4<f32>, ${dim * strideOf(in4)}>;
var<workgroup> narrow: array<vec4<f32>, ${dim * strideOf(dim4)}>;
fn main(group: i32, local: i32) {
  let head = group % ${heads};
  let image = group / ${heads};
  if (image >= uniforms.numImages) { return; }
  let start = group * ${at.length};
  if (local < ${dim4}) {
    var largest = ${memoryAt(0, "0")} + local];
    for (var m = 1; m < ${t.numMemory}; m++) { largest = max(largest, ${memoryAt(0, "m")} + local]); }
    for (var part = 0; part < uniforms.numParts; part++) {
      largest = max(largest, parts[${part} + local]);
    }
    var total = vec4<f32>(0.0);
    for (var m = 0; m < ${t.numMemory}; m++) { total += exp(${memoryAt(0, "m")} + local] - largest); }
    for (var part = 0; part < uniforms.numParts; part++) {
      total += parts[${part} + ${dim4} + local] * exp(parts[${part} + local] - largest);
    }
    statistics[local] = largest;
    statistics[${dim4} + local] = 1.0 / total;
    result[start + local] = largest;
    result[start + ${dim4} + local] = 1.0 / total;
  }
  workgroupBarrier();
  for (var i = local; i < ${dim * in4}; i += ${SIZE}) {
    let key = i / ${in4};
    let largest = statistics[key / 4][key % 4];
    var sum = vec4<f32>(0.0);
    for (var part = 0; part < uniforms.numParts; part++) {
      let factor = exp(parts[${part} + key / 4][key % 4] - largest);
      sum += factor * parts[${part} + ${2 * dim4} + i];
    }
    sum *= statistics[${dim4} + key / 4][key % 4];
    wide[key * ${strideOf(in4)} + i % ${in4}] = sum;
    result[start + ${at.keys} + i] = sum;
  }
  workgroupBarrier();
  ${places(contexts)}
  ${zeros("context", contexts, 4)}
  ${product("context", contexts, 4, {
    depth: "uniforms.in4",
    left: (k, r) => `wide[${row(contexts, k, r)} * ${strideOf(in4)} + c]`,
    right: (k, j) =>
      `qkv[((4 * c + ${j}) * ${3 * heads} + ${2 * heads} + head) * ${dim4} + ${column(contexts, k)}]`,
  })}
  for (var m = 0; m < ${t.numMemory}; m++) {
    ${unrolled(
      blocksOf(contexts),
      (k) => `{
      let key = ${memoryAt(0, "m")} + contextRow${k}] - statistics[contextRow${k}];
      let weights = exp(key) * statistics[${dim4} + contextRow${k}];
      let value = ${memoryAt(1, "m")} + ${column(contexts, k)}];
      ${unrolled(4, (r) => `context${k}_${r} += weights[${r}] * value;`)}
    }`,
    )}
  }
  ${eachOwn(contexts, (k) =>
    unrolled(
      4,
      (r) => `
      narrow[${row(contexts, k, r)} * ${strideOf(dim4)} + ${column(contexts, k)}] = ${t.scale} * context${k}_${r};
      result[start + ${at.context} + ${row(contexts, k, r)} * ${dim4} + ${column(contexts, k)}] = ${t.scale} * context${k}_${r};`,
    ),
  )}
  workgroupBarrier();
  ${places(outputs)}
  ${zeros("sum", outputs, 4)}
  ${product("sum", outputs, 4, {
    depth: "uniforms.dim4",
    left: (k, r) => `narrow[${row(outputs, k, r)} * ${strideOf(dim4)} + c]`,
    right: (k, j) => `outKernel[(head * ${dim} + 4 * c + ${j}) * ${out4} + ${column(outputs, k)}]`,
  })}
  ${store("sum", outputs, 4, (k, r) => `result[start + ${at.projected} + ${row(outputs, k, r)} * ${out4} + ${column(outputs, k)}]`)}
}`;
  },
};

/** Computes all heads of a tile of positions together. */
const OUTPUT: TiledProgram = {
  name: "linearAttentionTiledOutput",
  numGroups: (t) => t.numImages * Math.ceil(t.numPositions / t.tileRows),
  outputShape: (t) => [t.numImages, t.height, t.width, 4 * t.out4],
  outputKind: "activation",
  work: (t) => ({
    flops: productFlops(t, [t.in4, t.dim4], [t.dim4, t.out4]),
    serialPositions: t.rowsPerBlock,
    unreadBytes: 16 * t.numImages * t.heads * (matrixOffsets(t).length - t.dim * t.out4),
  }),
  code: (t) => {
    const { out4 } = t;
    const at = matrixOffsets(t);
    const outputs = imageGrid(t, out4);
    return `
${tileMemory(t)}
fn main(group: i32, local: i32) {
  let numTiles = (uniforms.numPositions + ${t.tileRows - 1}) / ${t.tileRows};
  let first = (group % numTiles) * ${t.tileRows};
  let image = group / numTiles;
  if (image >= uniforms.numImages) { return; }
  ${places(headGrid(t))}
  ${places(outputs)}
  ${zeros("sum", outputs, t.rowsPerBlock)}
  ${stage("xTile", "x", t, t.in4)}
  for (var head = 0; head < ${t.heads}; head++) {
    workgroupBarrier();
    ${project("query", 0, t)}
    ${querySoftmax(t)}
    ${toTile("query", t)}
    workgroupBarrier();
    let projected = (image * ${t.heads} + head) * ${at.length} + ${at.projected};
    ${product("sum", outputs, t.rowsPerBlock, {
      depth: "uniforms.dim4",
      left: (k, r) => `tile[${blockRow(t, outputs, k, r)} * ${tileStride(t)} + c]`,
      right: (k, j) => `matrices[projected + (4 * c + ${j}) * ${out4} + imageColumn${k}]`,
    })}
  }
  ${eachOwn(outputs, (k) =>
    unrolled(
      t.rowsPerBlock,
      (r) => `{
      let position = first + ${blockRow(t, outputs, k, r)};
      if (position < uniforms.numPositions) {
        result[(image * uniforms.numPositions + position) * ${out4} + imageColumn${k}] =
          sum${k}_${r} + outBias[imageColumn${k}];
      }
    }`,
    ),
  )}
}`;
  },
};
