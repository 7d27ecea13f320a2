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

/** Of the second factor of a transposed product: few, so that both stay in the cache, but at least 128 rows. */
const FLOATS_AT_ONCE = 2 ** 12;

/** Rows of so many columns that are taken at once. */
export function rowsAtOnce(numColumns: number): number {
  return Math.max(128, Math.floor(FLOATS_AT_ONCE / inBlocks(numColumns)));
}

/** Rows without a gap. */
export function matrixAt(address: Address, numRows: number, numColumns: number): Matrix {
  return { address, numRows, numColumns, stride: floats(numColumns) };
}

export function rowsOf(matrix: Matrix, first: number, numRows: number): Matrix {
  return { ...matrix, address: matrix.address + first * matrix.stride, numRows };
}

export function columnsOf(matrix: Matrix, first: number, numColumns: number): Matrix {
  return { ...matrix, address: matrix.address + floats(first), numColumns };
}

/** Matrix products by the tiles of convolutions: of 1 x 1 ones, and of their kernels' gradients. */
export class Products {
  readonly #workspace: Workspace;
  readonly #packed: Address;
  readonly #zeros: Address;
  readonly #spare: Address;
  /** Where the rows of a matrix begin, by their number and stride. */
  readonly #offsets = new Map<string, Address>();
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

  /** result = a b, or a b^T. */
  multiply(a: Matrix, b: Matrix, result: Matrix, { transposeB = false } = {}): void {
    const { module } = this.#workspace;
    const pack = transposeB ? module.packRows : module.packColumns;
    pack(b.address, this.#packed, b.numRows, b.numColumns, b.stride);
    this.multiplyPacked(a, this.#packed, result);
  }

  /** result = a b + addend, with b `[numColumns / 8, numRows, 8]`; the addend may be the result. */
  multiplyPacked(a: Matrix, b: Address, result: Matrix, addend: Address = 0): void {
    this.#workspace.module.convTiles(
      ...([a.address, this.#offsetsOf(a), a.numRows, b, this.#zeros, addend] as const),
      ...([result.address, result.stride, result.numColumns, 1, a.numColumns] as const),
      ...([floats(a.numColumns), this.#spare] as const),
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
        ...([a.address + first * a.stride, this.#packed, result.address] as const),
        ...([1, 1, numRows, 0, a.stride / floats(1), b.numColumns, a.numColumns] as const),
        ...([result.stride, this.#spare] as const),
      );
    }
  }

  /** y = softmax(scale x) over each row. */
  softmaxRows(x: Matrix, y: Matrix, scale: number): void {
    this.#workspace.module.softmaxRows(...places(x, y), scale);
  }

  /** dX from y and dY of `softmaxRows`. */
  softmaxRowsGradient(y: Matrix, dy: Matrix, dx: Matrix, scale: number): void {
    this.#workspace.module.softmaxRowsGradient(...places(y, dy, dx), scale);
  }

  /** y = softmax(x) over each column. */
  softmaxColumns(x: Matrix, y: Matrix): void {
    this.#workspace.module.softmaxColumns(...places(x, y));
  }

  /** dX from y and dY of `softmaxColumns`. */
  softmaxColumnsGradient(y: Matrix, dy: Matrix, dx: Matrix): void {
    this.#workspace.module.softmaxColumnsGradient(...places(y, dy, dx));
  }

  /** result = a^T b / sqrt(d), `[d, d]`. */
  scaledContext(a: Matrix, b: Matrix, result: Matrix): void {
    const { module } = this.#workspace;
    const size = result.numRows * result.numColumns;
    module.fillZeros(result.address, size);
    this.addTransposedProduct(a, b, result);
    module.scaleFloats(result.address, size, result.numColumns ** -0.5);
  }

  /** Room for a matrix until the kernel is done, the same for all heads and images by its name. */
  scratch(name: string, numRows: number, numColumns: number): Matrix {
    const matrix =
      this.#scratch.get(name) ??
      matrixAt(this.#workspace.scratch(numRows * numColumns), numRows, numColumns);
    this.#scratch.set(name, matrix);
    return matrix;
  }

  #offsetsOf({ numRows, stride }: Matrix): Address {
    const key = `${numRows} ${stride}`;
    const before = this.#offsets.get(key);
    if (before !== undefined) return before;
    const offsets = this.#workspace.scratch(numRows);
    this.#workspace.module.pixelOffsets(offsets, 1, 1, numRows, 0, stride / floats(1));
    this.#offsets.set(key, offsets);
    return offsets;
  }
}

/** Addresses and strides of matrices of one size, with their rows and columns in between. */
function places(...matrices: [Matrix, ...Matrix[]]): number[] {
  const [{ numRows, numColumns }] = matrices;
  const addresses = matrices.map(({ address }) => address);
  return [...addresses, numRows, numColumns, ...matrices.map(({ stride }) => stride)];
}
