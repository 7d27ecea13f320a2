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

  /** result = a b, or a b^T, plus what `multiplyPacked` adds. */
  multiply(
    a: Matrix,
    b: Matrix,
    result: Matrix,
    { transposeB = false, ...terms }: Terms & { transposeB?: boolean } = {},
  ): void {
    const { module } = this.#workspace;
    const pack = transposeB ? module.packRows : module.packColumns;
    pack(b.address, this.#packed, b.numRows, b.numColumns, b.stride);
    this.multiplyPacked(a, this.#packed, result, terms);
  }

  /** result = a b + bias + addend, with b `[numColumns / 8, numRows, 8]`. */
  multiplyPacked(a: Matrix, b: Address, result: Matrix, terms: Terms = {}): void {
    const { addend = 0, bias = this.#zeros } = terms;
    this.#workspace.module.convTiles(
      ...([a.address, this.#offsetsOf(a), a.numRows, b, bias, addend] as const),
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

  /** y = e^(x - m) with the largest m of each column, and 1 / their sums. */
  expColumns(x: Matrix, y: Matrix, inverses: Address): void {
    const [from, to, ...rest] = places(x, y) as [Address, Address, ...number[]];
    this.#workspace.module.expColumns(from, to, inverses, ...rest);
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
    this.#workspace.module.multiplyRows(...places(x, y));
  }

  /** sums = sums + the sum over the rows. */
  addColumnSums(x: Matrix, sums: Address): void {
    const { module } = this.#workspace;
    const atOnce = rowsAtOnce(x.numColumns);
    for (let first = 0; first < x.numRows; first += atOnce) {
      const numRows = Math.min(atOnce, x.numRows - first);
      const source = x.address + first * x.stride;
      module.packColumns(source, this.#packed, numRows, x.numColumns, x.stride);
      module.addPixelSums(this.#packed, sums, numRows, x.numColumns, this.#spare);
    }
  }

  /** Of a matrix whose rows lie without a gap. */
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
