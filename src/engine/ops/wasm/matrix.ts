import { BLOCK, inBlocks } from "./conv.ts";
import type { Address } from "./module.ts";
import { floats, type Workspace } from "./workspace.ts";

/** Floats in memory, row by row. */
export interface Matrix {
  address: Address;
  numRows: number;
  numColumns: number;
  /** Bytes from one row to the next. */
  stride: number;
}

/** So much of the second factor of a transposed product is read at once that both factors stay in the cache, but at least 128 rows. */
const FLOATS_AT_ONCE = 2 ** 12;

/** Rows of so many columns that are taken at once. */
export function rowsAtOnce(numColumns: number): number {
  return Math.max(128, Math.floor(FLOATS_AT_ONCE / inBlocks(numColumns)));
}

/** Rows without a gap. */
export function matrixAt(address: Address, numRows: number, numColumns: number): Matrix {
  return { address, numRows, numColumns, stride: floats(numColumns) };
}

// Thousands a step: written out, since V8 takes longer for objects and arguments that are spread.
export function rowsOf(matrix: Matrix, first: number, numRows: number): Matrix {
  const { address, numColumns, stride } = matrix;
  return { address: address + first * stride, numRows, numColumns, stride };
}

export function columnsOf(matrix: Matrix, first: number, numColumns: number): Matrix {
  const { address, numRows, stride } = matrix;
  return { address: address + floats(first), numRows, numColumns, stride };
}

/** What is added to a product: a row to each row, up to a multiple of 8; rows like the result's, which they may be. */
interface Terms {
  bias?: Address;
  addend?: Address;
}

/** Matrix products by the tiles of convolutions: of 1 x 1 ones, and of their kernels' gradients. */
export class Products {
  readonly #workspace: Workspace;
  readonly #packed: Address;
  readonly #zeros: Address;
  readonly #spare: Address;
  /** Where the rows of matrices begin, by their stride. */
  readonly #offsets = new Map<number, { address: Address; numRows: number }>();
  readonly #scratch = new Map<string, Matrix>();

  /**
   * @param sizes `packedSize` floats of the largest second factor, of `rowsAtOnce` in transposed products, with
   *   rows and columns in blocks; `numColumns` of the widest result
   */
  constructor(workspace: Workspace, sizes: { packedSize: number; numColumns: number }) {
    this.#workspace = workspace;
    const numColumns = inBlocks(sizes.numColumns);
    this.#packed = workspace.scratch(sizes.packedSize);
    this.#zeros = workspace.scratch(numColumns);
    workspace.module.fillZeros(this.#zeros, numColumns);
    this.#spare = workspace.scratch(BLOCK);
  }

  /** result = a b, or a b^T, plus what `multiplyPacked` adds. */
  multiply(
    a: Matrix,
    b: Matrix,
    result: Matrix,
    terms: Terms & { transposeB?: boolean } = {},
  ): void {
    const { module } = this.#workspace;
    const pack = terms.transposeB ? module.packRows : module.packColumns;
    pack(b.address, this.#packed, b.numRows, b.numColumns, b.stride);
    this.multiplyPacked(a, this.#packed, result, terms);
  }

  /** result = a b + bias + addend, with b `[numColumns / 8, numRows, 8]`. */
  multiplyPacked(a: Matrix, b: Address, result: Matrix, terms: Terms = {}): void {
    const { addend = 0, bias = this.#zeros } = terms;
    this.#workspace.module.convTiles(
      a.address,
      this.#offsetsOf(a),
      a.numRows,
      b,
      bias,
      addend,
      result.address,
      result.stride,
      result.numColumns,
      1,
      a.numColumns,
      floats(a.numColumns),
      this.#spare,
    );
  }

  /** result = result + a^T b. Up to 3 floats behind a row of a are read. */
  addTransposedProduct(a: Matrix, b: Matrix, result: Matrix): void {
    const { module } = this.#workspace;
    const atOnce = rowsAtOnce(b.numColumns);
    for (let first = 0; first < a.numRows; first += atOnce) {
      const numRows = Math.min(atOnce, a.numRows - first);
      const source = b.address + first * b.stride;
      module.packColumns(source, this.#packed, numRows, b.numColumns, b.stride);
      module.convKernelGradientTiles(
        a.address + first * a.stride,
        this.#packed,
        result.address,
        1,
        1,
        numRows,
        0,
        a.stride / floats(1),
        b.numColumns,
        a.numColumns,
        result.stride,
        this.#spare,
      );
    }
  }

  /** y = softmax(scale x) over each row. */
  softmaxRows(x: Matrix, y: Matrix, scale: number): void {
    const { numRows, numColumns } = x;
    const { module } = this.#workspace;
    module.softmaxRows(x.address, y.address, numRows, numColumns, x.stride, y.stride, scale);
  }

  /** dX from y and dY of `softmaxRows`. */
  softmaxRowsGradient(y: Matrix, dy: Matrix, dx: Matrix, scale: number): void {
    this.#workspace.module.softmaxRowsGradient(
      y.address,
      dy.address,
      dx.address,
      y.numRows,
      y.numColumns,
      y.stride,
      dy.stride,
      dx.stride,
      scale,
    );
  }

  /** y = e^(x - m) with the largest m of each column, and 1 / their sums. */
  expColumns(x: Matrix, y: Matrix, inverses: Address): void {
    const { numRows, numColumns } = x;
    const { module } = this.#workspace;
    module.expColumns(x.address, y.address, inverses, numRows, numColumns, x.stride, y.stride);
  }

  /** x = scale factors x, a factor for each row. */
  scaleRows(x: Matrix, factors: Address, scale: number): void {
    this.#workspace.module.scaleRows(x.address, factors, x.numRows, x.numColumns, scale);
  }

  /** scale sum(x y) of each row. */
  rowDots(x: Matrix, y: Matrix, dots: Address, scale: number): void {
    this.#workspace.module.rowDots(x.address, y.address, dots, x.numRows, x.numColumns, scale);
  }

  /** y = x y, element by element. */
  multiplyRows(x: Matrix, y: Matrix): void {
    const { numRows, numColumns } = x;
    const { module } = this.#workspace;
    module.multiplyRows(x.address, y.address, numRows, numColumns, x.stride, y.stride);
  }

  /** sum = sum + x. */
  addRows(x: Matrix, sum: Matrix): void {
    const { numRows, numColumns } = x;
    const { module } = this.#workspace;
    module.addRows(x.address, sum.address, numRows, numColumns, x.stride, sum.stride);
  }

  /** sums = sums + the sum of the rows. */
  addColumnSums(x: Matrix, sums: Address): void {
    const { module } = this.#workspace;
    module.addColumnSums(x.address, sums, x.numRows, x.numColumns, x.stride);
  }

  /** Fills a matrix with zeros, whose rows lie without a gap. */
  clear({ address, numRows, numColumns }: Matrix): void {
    this.#workspace.module.fillZeros(address, numRows * numColumns);
  }

  /** Room for a matrix until the kernel is done, the same for all heads and images by its name. */
  scratch(name: string, numRows: number, numColumns: number): Matrix {
    const matrix =
      this.#scratch.get(name) ??
      matrixAt(this.#workspace.scratch(numRows * numColumns), numRows, numColumns);
    this.#scratch.set(name, matrix);
    return matrix;
  }

  /** The offsets of fewer rows are the first of those of more. */
  #offsetsOf({ numRows, stride }: Matrix): Address {
    const before = this.#offsets.get(stride);
    if (before && before.numRows >= numRows) return before.address;
    const address = this.#workspace.scratch(numRows);
    this.#workspace.module.pixelOffsets(address, 1, 1, numRows, 0, stride / floats(1));
    this.#offsets.set(stride, { address, numRows });
    return address;
  }
}
