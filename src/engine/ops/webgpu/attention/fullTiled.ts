/**
 * Full attention of small images for graphics cards: a workgroup has all keys of an image's head, and goes
 * through its queries tile by tile in workgroup memory. The gradient is one program instead of three, in 132 registers
 * instead of 252 (AMD's compiler, navi31). Up to about 60 keys fit; larger images keep the form of `full.ts`.
 */

import type { TensorInfo } from "@tensorflow/tfjs-core";
import { runKept, unrolled, vectors } from "../program.ts";
import { tuningOf } from "../tuning.ts";
import { type Attention, accessors, numKeys, type Sizes, sizesOf } from "./attentionProgram.ts";
import {
  eachOwn,
  fold,
  type Grid,
  larger,
  MAX_WORKGROUP_BYTES,
  outerProduct,
  places,
  plus,
  product,
  SIZE,
  store,
  strideOf,
  tileBytes,
  zeros,
} from "./blocks.ts";

/** Queries of a tile. */
const ROWS = 16;

interface FullTiles extends Sizes {
  dim4: number;
  /** Keys, those of the memory first, in fours: four c has the keys c, c + keys4, c + 2 keys4 and c + 3 keys4. */
  keys4: number;
}

/** Undefined where tiles do not suit the adapter or the keys do not fit. */
export function fullTiles(attention: Attention): FullTiles | undefined {
  const sizes = sizesOf(attention);
  const [dim4, keys4] = [sizes.dimHead / 4, Math.ceil(numKeys(sizes) / 4)];
  const numBytes = 2 * tileBytes(ROWS, keys4) + tileBytes(4 * keys4, dim4);
  const areFew = numBytes <= MAX_WORKGROUP_BYTES && keys4 * dim4 <= 2 * SIZE;
  const isFit = areFew && dim4 <= strideOf(keys4);
  const { tiles } = tuningOf(attention.backend.device);
  return tiles === "workgroup" && isFit ? { ...sizes, dim4, keys4 } : undefined;
}

/** `[B, H, W, heads d]` */
export function fullTiledOutput({ backend, qkv, memory }: Attention, t: FullTiles): TensorInfo {
  const { numImages, numPositions, heads, numMemory, height, width, dimHead, dim4 } = t;
  const numTiles = Math.ceil(numPositions / ROWS);
  const grid = headGrid(t);
  const given = { name: "fullAttentionTiledOutput", inputs: { qkv, memory } };
  const [result] = runKept(backend, given, () => ({
    name: given.name,
    variant: variantOf(t),
    inputs: vectors(given.inputs),
    uniforms: { numImages, numPositions, heads, numMemory, dim4, keys4: t.keys4 },
    outputs: { result: [[numImages, height, width, heads * dimHead], 4, "activation"] },
    numInvocations: SIZE * numImages * heads * numTiles,
    workgroupSize: SIZE,
    work: () => ({
      flops: numImages * heads * 4 * numPositions * numKeys(t) * dimHead,
      serialPositions: numKeys(t),
    }),
    code: () => `
${declarations(t)}
fn main(group: i32, local: i32) {
  let numTiles = (uniforms.numPositions + ${ROWS - 1}) / ${ROWS};
  let first = (group % numTiles) * ${ROWS};
  let head = (group / numTiles) % uniforms.heads;
  let image = group / (numTiles * uniforms.heads);
  if (image >= uniforms.numImages) { return; }
  ${places(scoreGrid(t))}
  ${places(grid)}
  ${places(ROW_GRID)}
  ${stageKeys("key", t)}
  ${stageRows("scores", "query(image, head, first + row, c)", t)}
  workgroupBarrier();
  ${rowsByKeys("score", "scores", t)}
  workgroupBarrier();
  ${storeScores(t)}
  workgroupBarrier();
  ${softmax(t, false)}
  workgroupBarrier();
  ${zeros("sum", grid, rowsOf(t))}
  ${product("sum", grid, rowsOf(t), {
    depth: "uniforms.keys4",
    left: (k, r) => `scores[${blockRow(grid, k, r)} * ${strideOf(t.keys4)} + c]`,
    right: (k, j) => `value(image, head, ${keyOf(j, t)}, headColumn${k})`,
  })}
  ${eachOwn(grid, (k) =>
    unrolled(
      rowsOf(t),
      (r) => `{
    let position = first + ${blockRow(grid, k, r)};
    if (position < uniforms.numPositions) {
      let row = (image * uniforms.numPositions + position) * uniforms.heads + head;
      result[row * ${dim4} + headColumn${k}] = sum${k}_${r};
    }
  }`,
    ),
  )}
}`,
  }));
  return result as TensorInfo;
}

/** Gradients of queries, keys and values, `[B, H, W, 3 heads d]`, and of the memory by each image. */
export function fullTiledGradients(
  { backend, qkv, memory }: Attention,
  t: FullTiles,
  { dOut }: Record<"dOut", TensorInfo>,
) {
  const { numImages, numPositions, heads, numMemory, height, width, dimHead, dim4 } = t;
  const given = { name: "fullAttentionTiledGradient", inputs: { qkv, memory, dOut } };
  const [dQkv, dMemory] = runKept(backend, given, () => ({
    name: given.name,
    variant: variantOf(t),
    inputs: vectors(given.inputs),
    uniforms: { numImages, numPositions, heads, numMemory, dim4, keys4: t.keys4 },
    outputs: {
      dQkv: [[numImages, height, width, 3 * heads * dimHead], 4],
      dMemory: [[numImages, 2, heads, numMemory, dimHead], 4, "gradient"],
    },
    numInvocations: SIZE * numImages * heads,
    workgroupSize: SIZE,
    work: () => ({
      flops: numImages * heads * 10 * numPositions * numKeys(t) * dimHead,
      serialPositions: numPositions,
    }),
    code: () => gradientCode(t),
  })) as [TensorInfo, TensorInfo];
  return { dQkv, dMemory };
}

function gradientCode(t: FullTiles): string {
  const { dim4, keys4 } = t;
  const grid = headGrid(t);
  const keys: Grid = { name: "key", numRows: keys4, numColumns: dim4 };
  const stride = strideOf(keys4);
  const dOutRow = "((image * uniforms.numPositions + first + row) * uniforms.heads + head)";
  return `
${declarations(t)}
var<workgroup> slopes: array<vec4<f32>, ${ROWS * stride}>;
fn main(group: i32, local: i32) {
  let head = group % uniforms.heads;
  let image = group / uniforms.heads;
  if (image >= uniforms.numImages) { return; }
  ${places(scoreGrid(t))}
  ${places(grid)}
  ${places(ROW_GRID)}
  ${places(keys)}
  ${zeros("dKey", keys, 4)}
  ${zeros("dValue", keys, 4)}
  for (var first = 0; first < uniforms.numPositions; first += ${ROWS}) {
    workgroupBarrier();
    ${stageKeys("key", t)}
    ${stageRows("scores", "query(image, head, first + row, c)", t)}
    workgroupBarrier();
    ${rowsByKeys("score", "scores", t)}
    workgroupBarrier();
    ${storeScores(t)}
    ${stageKeys("value", t)}
    ${stageRows("slopes", `dOut[${dOutRow} * ${dim4} + c]`, t)}
    workgroupBarrier();
    ${rowsByKeys("slope", "slopes", t)}
    workgroupBarrier();
    ${store("slope", scoreGrid(t), 4, (k, r) => `slopes[${blockRow(scoreGrid(t), k, r)} * ${stride} + scoreColumn${k}]`)}
    ${softmax(t, true)}
    workgroupBarrier();
    ${zeros("dQuery", grid, rowsOf(t))}
    ${product("dQuery", grid, rowsOf(t), {
      depth: "uniforms.keys4",
      left: (k, r) => `slopes[${blockRow(grid, k, r)} * ${stride} + c]`,
      right: (k, j) => `key(image, head, ${keyOf(j, t)}, headColumn${k})`,
    })}
    ${eachOwn(grid, (k) =>
      unrolled(
        rowsOf(t),
        (r) => `{
      let position = first + ${blockRow(grid, k, r)};
      if (position < uniforms.numPositions) {
        let row = (image * uniforms.numPositions + position) * 3 * uniforms.heads + head;
        dQkv[row * ${dim4} + headColumn${k}] = dQuery${k}_${r};
      }
    }`,
      ),
    )}
    let count = min(${ROWS}, uniforms.numPositions - first);
    ${outerProduct("dKey", keys, "count", {
      left: (k) => `slopes[n * ${stride} + keyRow${k}]`,
      right: (k) => `query(image, head, first + n, keyColumn${k})`,
    })}
    ${outerProduct("dValue", keys, "count", {
      left: (k) => `scores[n * ${stride} + keyRow${k}]`,
      right: (k) => `dOut[${dOutRow.replace("row", "n")} * ${dim4} + keyColumn${k}]`,
    })}
  }
  let numKeys = uniforms.numMemory + uniforms.numPositions;
  ${eachOwn(keys, (k) =>
    unrolled(
      4,
      (r) => `{
    let at = keyRow${k} + ${keys4 * r};
    if (at < uniforms.numMemory) {
      let entry = (2 * image * uniforms.heads + head) * uniforms.numMemory + at;
      dMemory[entry * ${dim4} + keyColumn${k}] = dKey${k}_${r};
      dMemory[(entry + uniforms.heads * uniforms.numMemory) * ${dim4} + keyColumn${k}] = dValue${k}_${r};
    } else if (at < numKeys) {
      let position = image * uniforms.numPositions + at - uniforms.numMemory;
      let row = (3 * position + 1) * uniforms.heads + head;
      dQkv[row * ${dim4} + keyColumn${k}] = dKey${k}_${r};
      dQkv[(row + uniforms.heads) * ${dim4} + keyColumn${k}] = dValue${k}_${r};
    }
  }`,
    ),
  )}
}`;
}

function variantOf({ dimHead, keys4 }: FullTiles): string {
  return `${[dimHead, keys4]}`;
}

/** Blocks of a tile's rows by the keys. */
const scoreGrid = (t: FullTiles): Grid => ({
  name: "score",
  numRows: ROWS / 4,
  numColumns: t.keys4,
});

/** Blocks of a tile's rows by the channels of a head. */
function headGrid(t: FullTiles): Grid {
  const most = Math.min(ROWS, Math.floor(SIZE / t.dim4));
  return { name: "head", numRows: 2 ** Math.floor(Math.log2(most)), numColumns: t.dim4 };
}

/** Rows of a block of `headGrid`. */
const rowsOf = (t: FullTiles) => ROWS / headGrid(t).numRows;

/** Invocations by the row that they do the softmax of. */
const ROW_GRID: Grid = { name: "row", numRows: ROWS, numColumns: SIZE / ROWS };

const blockRow = (grid: Grid, k: number, r: number) =>
  `(${grid.name}Row${k} + ${r * grid.numRows})`;

function declarations({ dim4, dimHead, keys4 }: FullTiles): string {
  return `
const dim4 = ${dim4};
const scale = ${dimHead ** -0.5};
${accessors(true)}
var<workgroup> tile: array<vec4<f32>, ${Math.max(2 * SIZE, 4 * keys4 * strideOf(dim4))}>;
var<workgroup> scores: array<vec4<f32>, ${ROWS * strideOf(keys4)}>;`;
}

/** The key j of four c; the last one where there is none, which has the weight 0, since zero times another's may be NaN. */
function keyOf(j: number, { keys4 }: FullTiles): string {
  const key = `c + ${keys4 * j}`;
  // There are at least 4 keys4 - 3 keys.
  const isSure = keys4 * (j + 1) <= 4 * keys4 - 3;
  return isSure ? key : `min(${key}, uniforms.numMemory + uniforms.numPositions - 1)`;
}

/** Fetches all keys or values into \`tile\`; those beyond the last are zeros. */
function stageKeys(name: "key" | "value", { dim4, keys4 }: FullTiles): string {
  return `
  for (var i = local; i < ${4 * keys4 * dim4}; i += ${SIZE}) {
    let at = i / ${dim4};
    var four = vec4<f32>(0.0);
    if (at < uniforms.numMemory + uniforms.numPositions) { four = ${name}(image, head, at, i % ${dim4}); }
    tile[at * ${strideOf(dim4)} + i % ${dim4}] = four;
  }`;
}

/** Fetches a tile's rows, of `row` and `c`, to where the scores will be; those beyond the image are zeros. */
function stageRows(to: "scores" | "slopes", rows: string, { dim4, keys4 }: FullTiles): string {
  return `
  for (var i = local; i < ${ROWS * dim4}; i += ${SIZE}) {
    let row = i / ${dim4};
    let c = i % ${dim4};
    var four = vec4<f32>(0.0);
    if (first + row < uniforms.numPositions) { four = ${rows}; }
    ${to}[row * ${strideOf(keys4)} + c] = four;
  }`;
}

/** `<to>0_<r>`: the tile's rows by the keys or values in `tile`. */
function rowsByKeys(to: string, from: "scores" | "slopes", t: FullTiles): string {
  const grid = scoreGrid(t);
  return `
  ${zeros(to, grid, 4)}
  ${product(to, grid, 4, {
    depth: "uniforms.dim4",
    isTurned: true,
    left: (k, r) => `${from}[${blockRow(grid, k, r)} * ${strideOf(t.keys4)} + c]`,
    right: (k, j) => `tile[(scoreColumn${k} + ${t.keys4 * j}) * ${strideOf(t.dim4)} + c]`,
  })}`;
}

function storeScores(t: FullTiles): string {
  const grid = scoreGrid(t);
  const isKey = (k: number) =>
    `vec4<i32>(scoreColumn${k}) + vec4<i32>(${[0, 1, 2, 3].map((j) => t.keys4 * j)}) <
      vec4<i32>(uniforms.numMemory + uniforms.numPositions)`;
  return eachOwn(
    grid,
    (k) => `
  let isKey${k} = ${isKey(k)};
  ${unrolled(
    4,
    (r) => `
  scores[${blockRow(grid, k, r)} * ${strideOf(t.keys4)} + scoreColumn${k}] =
    select(vec4<f32>(-3.4e38), scale * score${k}_${r}, isKey${k});`,
  )}`,
  );
}

/** The softmax of the rows of `scores`, and with slopes its gradient in place of `slopes`. */
function softmax(t: FullTiles, hasSlopes: boolean): string {
  const { numColumns } = ROW_GRID;
  const each = (line: (i: number) => string) => unrolled(Math.ceil(t.keys4 / numColumns), line);
  const at = (i: number) => `rowRow0 * ${strideOf(t.keys4)} + rowColumn0 + ${numColumns * i}`;
  const isOwn = (i: number) => `rowColumn0 + ${numColumns * i} < ${t.keys4}`;
  return `
  var largest = vec4<f32>(-3.4e38);
  var total = vec4<f32>(0.0);
  ${each(
    (i) => `
  var weights${i} = vec4<f32>(-3.4e38);
  if (${isOwn(i)}) { weights${i} = scores[${at(i)}]; }
  largest = max(largest, weights${i});`,
  )}
  ${fold("row", ROW_GRID, [{ of: "largest", combine: larger }])}
  workgroupBarrier();
  let most = max(max(largest.x, largest.y), max(largest.z, largest.w));
  ${each((i) => `weights${i} = exp(weights${i} - most); total += weights${i};`)}
  ${
    hasSlopes
      ? `
  var along = vec4<f32>(0.0);
  ${each((i) => `if (${isOwn(i)}) { along += weights${i} * slopes[${at(i)}]; }`)}`
      : ""
  }
  ${fold(
    "row",
    ROW_GRID,
    ["total", ...(hasSlopes ? ["along"] : [])].map((of) => ({ of, combine: plus })),
  )}
  let sum = dot(total, vec4<f32>(1.0));
  ${hasSlopes ? "let mean = dot(along, vec4<f32>(1.0)) / sum;" : ""}
  ${each(
    (i) => `if (${isOwn(i)}) {
    let weights = weights${i} / sum;
    scores[${at(i)}] = weights;
    ${hasSlopes ? `slopes[${at(i)}] = scale * weights * (slopes[${at(i)}] - mean);` : ""}
  }`,
  )}`;
}
