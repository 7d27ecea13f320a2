/**
 * Matrix products of a workgroup of 64 invocations, as WGSL. Each invocation has one or more blocks of a
 * result, some rows by four channels, in variables: arrays of a program would lie in memory.
 */

import { unrolled } from "../program.ts";

/** Invocations of a workgroup. */
export const SIZE = 64;

/** Workgroup memory that every device has. */
export const MAX_WORKGROUP_BYTES = 16_384;

const VECTOR_BYTES = 16;

/** Vectors from one row to the next: an odd number, which spreads rows over the memory's banks. */
export function strideOf(numVectors: number): number {
  return numVectors + 1 - (numVectors % 2);
}

export function tileBytes(numRows: number, numVectors: number): number {
  return VECTOR_BYTES * numRows * strideOf(numVectors);
}

/** Who computes which blocks of a result: of block k, the variables `<name>Row<k>` and `<name>Column<k>`. */
export interface Grid {
  name: string;
  numRows: number;
  numColumns: number;
}

/** Blocks of an invocation. */
export function blocksOf({ numRows, numColumns }: Grid): number {
  return Math.ceil((numRows * numColumns) / SIZE);
}

/** Invocations without a block of their own repeat another's, since all must meet at barriers. */
export function places(grid: Grid): string {
  const { name, numRows, numColumns } = grid;
  return unrolled(
    blocksOf(grid),
    (k) => `
  let ${name}Row${k} = min((local + ${SIZE * k}) / ${numColumns}, ${numRows - 1});
  let ${name}Column${k} = (local + ${SIZE * k}) % ${numColumns};`,
  );
}

/** Code of every block, for writing: left out by invocations that repeat another's. */
export function eachOwn(grid: Grid, code: (k: number) => string): string {
  const count = grid.numRows * grid.numColumns;
  return unrolled(blocksOf(grid), (k) =>
    SIZE * (k + 1) <= count ? code(k) : `if (local + ${SIZE * k} < ${count}) { ${code(k)} }`,
  );
}

/** Stores the rows of every block, `<name><k>_<r>`. */
export function store(
  name: string,
  grid: Grid,
  numRows: number,
  to: (k: number, r: number) => string,
): string {
  return eachOwn(grid, (k) => unrolled(numRows, (r) => `${to(k, r)} = ${name}${k}_${r};`));
}

/** The variables `<name><k>_<r>`, row r of block k, as zeros. */
export function zeros(name: string, grid: Grid, numRows: number): string {
  return unrolled(blocksOf(grid), (k) =>
    unrolled(numRows, (r) => `var ${name}${k}_${r} = vec4<f32>(0.0);`),
  );
}

interface Product {
  /**
   * Inner length, in fours. A uniform: the compiler would unroll a loop of a known length and load all of
   * the matrices ahead, into more registers than there are.
   */
  depth: string;
  /** The four numbers `c` of the left matrix' row r of block k. */
  left: (k: number, r: number) => string;
  /** The right matrix' row 4c + j in the block's columns; turned: column j of the block's, its numbers `c`. */
  right: (k: number, j: number) => string;
  isTurned?: boolean;
}

/** Adds a matrix product to `<to><k>_<r>`. */
export function product(
  to: string,
  grid: Grid,
  numRows: number,
  { depth, left, right, isTurned }: Product,
): string {
  const terms = isTurned
    ? "vec4<f32>(dot(a, b0), dot(a, b1), dot(a, b2), dot(a, b3))"
    : "a.x * b0 + a.y * b1 + a.z * b2 + a.w * b3";
  return `
  for (var c = 0; c < ${depth}; c++) {
    ${unrolled(
      blocksOf(grid),
      (k) => `{
      ${unrolled(4, (j) => `let b${j} = ${right(k, j)};`)}
      ${unrolled(numRows, (r) => `{ let a = ${left(k, r)}; ${to}${k}_${r} += ${terms}; }`)}
    }`,
    )}
  }`;
}

interface OuterProduct {
  /** Columns of row `n` of either matrix. */
  left: (k: number) => string;
  right: (k: number) => string;
}

/**
 * Adds A^T B, a sum over rows, to `<to><k>_<r>`, r being one of four columns of A.
 *
 * @param grid its rows are fours of the left matrix' columns
 * @param count of rows
 */
export function outerProduct(
  to: string,
  grid: Grid,
  count: number | string,
  { left, right }: OuterProduct,
): string {
  return `
  for (var n = 0; n < ${count}; n++) {
    ${unrolled(
      blocksOf(grid),
      (k) => `{
      let a = ${left(k)};
      let b = ${right(k)};
      ${unrolled(4, (r) => `${to}${k}_${r} += a[${r}] * b;`)}
    }`,
    )}
  }`;
}

interface Fold {
  /** Variable with the invocation's own part, which becomes that of all. */
  of: string;
  combine: (a: string, b: string) => string;
}

/**
 * Combines what invocations have by way of `tile`, which nobody may need any more: those of a row, or those
 * of a column of the grid, which has one block for each. Whoever writes to `tile` next must wait at a barrier first.
 */
export function fold(along: "row" | "column", grid: Grid, folds: readonly Fold[]): string {
  const { name, numRows, numColumns } = grid;
  const [own, count, slot] =
    along === "row"
      ? [`${name}Column0`, numColumns, (i: string) => `${i} * ${numRows} + ${name}Row0`]
      : [`${name}Row0`, numRows, (i: string) => `${i} * ${numColumns} + ${name}Column0`];
  const at = (f: number, i: string) => `tile[${SIZE * f} + ${slot(i)}]`;
  return `
  ${eachOwn(grid, () => folds.map(({ of }, f) => `${at(f, own)} = ${of};`).join("\n"))}
  workgroupBarrier();
  ${folds.map(({ of }, f) => `${of} = ${at(f, "0")};`).join("\n")}
  for (var i = 1; i < ${count}; i++) {
    ${folds.map(({ of, combine }, f) => `${of} = ${combine(of, at(f, "i"))};`).join("\n")}
  }`;
}

export const plus = (a: string, b: string) => `${a} + ${b}`;
export const larger = (a: string, b: string) => `max(${a}, ${b})`;

/** A vector of one number for each of at most four rows, else of ones, by which can be divided. */
export function ofRows(numRows: number, value: (r: number) => string): string {
  return `vec4<f32>(${Array.from({ length: 4 }, (_, r) => (r < numRows ? value(r) : "1.0")).join(", ")})`;
}
