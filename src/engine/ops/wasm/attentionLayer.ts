import type { TensorInfo } from "@tensorflow/tfjs-core";
import type { Kernels } from "../kernel.ts";
import { inBlocks } from "./conv.ts";
import { columnsOf, type Matrix, matrixAt, Products, rowsAtOnce, rowsOf } from "./matrix.ts";
import type { Address } from "./module.ts";
import { floats, type Workspace } from "./workspace.ts";

/** What kinds of attention and their gradients share: the projection of one image to queries, keys and values. */
export class AttentionLayer {
  readonly workspace: Workspace;
  readonly inputs: Kernels["Attention"]["inputs"];
  readonly sizes: ReturnType<typeof sizesOf>;
  readonly products: Products;
  /** `[C, 3 heads d]`. */
  readonly kernel: Matrix;
  /** A row for each of the memory's entries, and then for each position: `[M + N, numParts heads d]`. */
  readonly projected: Matrix;
  readonly #packedKernel: Address;

  /**
   * @param numParts 3, or 2 for queries and keys alone
   * @param numOut channels of what the heads' outputs are projected to, if they are
   */
  constructor(
    workspace: Workspace,
    inputs: Kernels["Attention"]["inputs"],
    { numParts, numOut = 1 }: { numParts: 2 | 3; numOut?: number },
  ) {
    this.workspace = workspace;
    this.inputs = inputs;
    this.sizes = sizesOf(inputs);
    const { numChannels, attentionWidth, numKeys } = this.sizes;
    this.kernel = matrixAt(workspace.address(inputs.qkvKernel), numChannels, 3 * attentionWidth);
    const { address, stride } = this.kernel;
    const numColumns = numParts * attentionWidth;
    this.#packedKernel = workspace.scratch(numChannels * inBlocks(numColumns));
    workspace.module.packColumns(address, this.#packedKernel, numChannels, numColumns, stride);
    const widths = [numColumns, this.sizes.dimHead, numChannels, numOut];
    const narrow = Math.max(this.sizes.dimHead, numChannels, numOut);
    this.products = new Products(workspace, {
      packedSize: Math.max(
        inBlocks(Math.max(numKeys, attentionWidth, numChannels)) * inBlocks(narrow),
        ...widths.map((width) => rowsAtOnce(width) * inBlocks(width)),
      ),
      numColumns: Math.max(numKeys, ...widths),
    });
    this.projected = this.products.scratch("projected", numKeys, numColumns);
    // Before those of the images, where it stays.
    this.products.clear(rowsOf(this.projected, 0, this.sizes.numMemory));
    for (const [place, entries] of this.memoryBlocks(this.projected, inputs.memoryKeyValues)) {
      this.products.addRows(entries, place);
    }
  }

  /** Fills `projected` for an image, behind the memory. */
  project(image: number): void {
    const own = this.ownRows(this.projected);
    this.products.multiplyPacked(this.imageOf(this.inputs.x, image), this.#packedKernel, own);
  }

  /** The rows of the positions, behind those of the memory. */
  ownRows(matrix: Matrix): Matrix {
    return rowsOf(matrix, this.sizes.numMemory, this.sizes.numPositions);
  }

  /** An image's rows of a tensor `[B, H, W, C]`: `[N, C]`. */
  imageOf(tensor: TensorInfo, image: number): Matrix {
    const { numImages, numPositions } = this.sizes;
    const address = this.workspace.address(tensor);
    const rows = matrixAt(address, numImages * numPositions, tensor.shape[3] as number);
    return rowsOf(rows, image * numPositions, numPositions);
  }

  /** The columns of a head in one part, 0 for queries, of what is laid out like `projected` or the kernel. */
  headOf(matrix: Matrix, head: number, part: 0 | 1 | 2 = 0): Matrix {
    const { heads, dimHead } = this.sizes;
    return columnsOf(matrix, (part * heads + head) * dimHead, dimHead);
  }

  /** The kernel, packed for the product of gradients like `projected`. */
  swappedKernel(): Address {
    const { numChannels } = this.sizes;
    const { numColumns } = this.projected;
    const swapped = this.workspace.scratch(numColumns * inBlocks(numChannels));
    const { address, stride } = this.kernel;
    this.workspace.module.packRows(address, swapped, numChannels, numColumns, stride);
    return swapped;
  }

  /** Adds to the kernel's gradient, from the gradients of what an image is projected to, `[N, numParts heads d]`. */
  addKernelGradient(image: number, gradients: Matrix, dKernel: Matrix): void {
    const { numPositions, numChannels } = this.sizes;
    // Tiles of 4 channels read behind the last one.
    const { address } = this.products.scratch("copy", numPositions + 1, numChannels + 3);
    const copy = matrixAt(address, numPositions, numChannels);
    const x = this.imageOf(this.inputs.x, image);
    this.workspace.module.copyFloats(x.address, address, numPositions * numChannels);
    this.products.addTransposedProduct(
      copy,
      gradients,
      columnsOf(dKernel, 0, gradients.numColumns),
    );
  }

  /** Some blocks `[M, d]` of a memory `[2, heads, M, d]` as one matrix. */
  memory(tensor: TensorInfo, first: number, numBlocks = 1): Matrix {
    const { numMemory, dimHead } = this.sizes;
    const address = this.workspace.address(tensor) + floats(first * numMemory * dimHead);
    return matrixAt(address, numBlocks * numMemory, dimHead);
  }

  /** Each block of a memory, after its place in what is like `projected`. */
  memoryBlocks(projected: Matrix, memory: TensorInfo): [place: Matrix, entries: Matrix][] {
    const { heads, numMemory, dimHead } = this.sizes;
    const rows = rowsOf(projected, 0, numMemory);
    return Array.from({ length: projected.numColumns / dimHead - heads }, (_, i) => [
      columnsOf(rows, (heads + i) * dimHead, dimHead),
      this.memory(memory, i),
    ]);
  }
}

function sizesOf({ x, memoryKeyValues }: Kernels["Attention"]["inputs"]) {
  const [numImages, height, width, numChannels] = x.shape as [number, number, number, number];
  const [, heads, numMemory, dimHead] = memoryKeyValues.shape as [number, number, number, number];
  const numPositions = height * width;
  const numKeys = numPositions + numMemory;
  const attentionWidth = heads * dimHead;
  const ofImages = { numImages, height, width, numChannels, numPositions };
  return { ...ofImages, heads, numMemory, dimHead, attentionWidth, numKeys };
}
