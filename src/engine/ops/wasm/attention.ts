import type { TensorInfo } from "@tensorflow/tfjs-core";
import type { Kernels } from "../kernel.ts";
import { type AttentionRule, FULL, type Head, LINEAR } from "./attentionRules.ts";
import { inBlocks } from "./conv.ts";
import { type Matrix, matrixAt, Products, ROWS_AT_ONCE } from "./matrix.ts";
import type { Address } from "./module.ts";
import { floats, type Workspace } from "./workspace.ts";

type Given = Kernels["Attention"];

/** Softmax or linear attention, image by image and head by head; `[B, H, W, heads d]`. */
export function attention(workspace: Workspace, given: Given): TensorInfo {
  const layer = new AttentionLayer(workspace, given);
  const { numImages, height, width, heads, attentionWidth } = layer.sizes;
  const output = workspace.output([numImages, height, width, attentionWidth]);
  for (let image = 0; image < numImages; image++) {
    layer.project(image);
    const result = layer.imageOf(output, image);
    for (let head = 0; head < heads; head++) {
      const projected = layer.headOf(layer.projected, head);
      layer.rule.forward(layer.products, projected, layer.columnsOf(result, head));
    }
  }
  return output;
}

/** Of x (plus the addend), the projection and the memory. */
export function attentionGradient(
  workspace: Workspace,
  given: Kernels["AttentionGradient"],
): TensorInfo[] {
  const { module } = workspace;
  const layer = new AttentionLayer(workspace, given);
  const { numImages, heads, numChannels, numMemory, numPositions, attentionWidth } = layer.sizes;
  const { x, qkvKernel, memoryKeyValues, dy, addend } = given.inputs;
  const dX = workspace.output(x.shape);
  const dKernel = workspace.output(qkvKernel.shape);
  const dMemory = workspace.output(memoryKeyValues.shape);
  const dKernelMatrix = { ...layer.kernel, address: workspace.address(dKernel) };
  module.fillZeros(dKernelMatrix.address, numChannels * 3 * attentionWidth);
  module.fillZeros(workspace.address(dMemory), 2 * numMemory * attentionWidth);

  const swapped = workspace.scratch(3 * attentionWidth * inBlocks(numChannels));
  const { address, numRows, numColumns, stride } = layer.kernel;
  module.packRows(address, swapped, numRows, numColumns, stride);
  const gradients = layer.likeProjected("gradients");
  // Tiles of 4 channels read behind the last one.
  const copy = workspace.scratch(numPositions * numChannels + 3);
  for (let image = 0; image < numImages; image++) {
    layer.project(image);
    const dResult = layer.imageOf(dy, image);
    module.fillZeros(gradients.address, gradients.numRows * gradients.numColumns);
    for (let head = 0; head < heads; head++) {
      const projected = layer.headOf(layer.projected, head);
      const gradient = layer.headOf(gradients, head);
      layer.rule.gradient(layer.products, projected, layer.columnsOf(dResult, head), gradient);
    }
    layer.addMemoryGradient(gradients, dMemory);
    const own = layer.ownRows(gradients);
    const before = addend ? layer.imageOf(addend, image).address : 0;
    layer.products.multiplyPacked(own, swapped, layer.imageOf(dX, image), before);
    const ownX = layer.imageOf(x, image);
    module.padImages(ownX.address, copy, 1, 1, numPositions, numChannels, 0, 0, numChannels);
    layer.products.addTransposedProduct({ ...ownX, address: copy }, own, dKernelMatrix);
  }
  return [dX, dKernel, dMemory];
}

/** What attention and its gradient share: the projection of one image to queries, keys and values. */
class AttentionLayer {
  readonly sizes: ReturnType<typeof sizesOf>;
  readonly rule: AttentionRule;
  readonly products: Products;
  /** `[C, 3 heads d]`. */
  readonly kernel: Matrix;
  /** A row for each of the memory's entries, and then for each position: `[M + N, 3 heads d]`. */
  readonly projected: Matrix;
  readonly #workspace: Workspace;
  readonly #x: TensorInfo;
  readonly #packedKernel: Address;

  constructor(workspace: Workspace, { inputs, attrs: { isFull } }: Given) {
    const { x, qkvKernel, memoryKeyValues } = inputs;
    this.#workspace = workspace;
    this.#x = x;
    this.sizes = sizesOf(inputs);
    this.rule = isFull ? FULL : LINEAR;
    const { numChannels, attentionWidth, numKeys, dimHead } = this.sizes;
    const numColumns = 3 * attentionWidth;
    const address = workspace.address(qkvKernel);
    this.kernel = matrixAt(address, numChannels, numColumns);
    this.#packedKernel = workspace.scratch(numChannels * inBlocks(numColumns));
    const { stride } = this.kernel;
    workspace.module.packColumns(address, this.#packedKernel, numChannels, numColumns, stride);
    this.products = new Products(workspace, {
      packedSize: Math.max(
        inBlocks(numKeys) * inBlocks(dimHead),
        ROWS_AT_ONCE * inBlocks(numColumns),
      ),
      numColumns: Math.max(numColumns, numKeys, numChannels),
    });
    this.projected = this.likeProjected("projected");
    // Before those of the images, where it stays.
    this.#forMemory(this.projected, memoryKeyValues, (row, entry, numFloats) =>
      workspace.module.copyFloats(entry, row, numFloats),
    );
  }

  likeProjected(name: string): Matrix {
    const { numKeys, attentionWidth } = this.sizes;
    return this.products.scratch(name, numKeys, 3 * attentionWidth);
  }

  /** Fills `projected` for an image, behind the memory. */
  project(image: number): void {
    const x = this.imageOf(this.#x, image);
    this.products.multiplyPacked(x, this.#packedKernel, this.ownRows(this.projected));
  }

  /** An image's rows of a tensor `[B, H, W, C]`: `[N, C]`. */
  imageOf(tensor: TensorInfo, image: number): Matrix {
    const { numPositions } = this.sizes;
    const numColumns = tensor.shape[3] as number;
    const before = floats(image * numPositions * numColumns);
    return matrixAt(this.#workspace.address(tensor) + before, numPositions, numColumns);
  }

  /** The rows behind the memory's. */
  ownRows(projected: Matrix): Matrix {
    const { numMemory, numPositions } = this.sizes;
    const address = projected.address + numMemory * projected.stride;
    return { ...projected, address, numRows: numPositions };
  }

  /** A head's part of `[N, heads d]`. */
  columnsOf(matrix: Matrix, head: number): Matrix {
    const { dimHead } = this.sizes;
    const address = matrix.address + floats(head * dimHead);
    return { ...matrix, address, numColumns: dimHead };
  }

  /** A head's part of what is laid out like `projected`. */
  headOf(projected: Matrix, head: number): Head {
    const { heads } = this.sizes;
    return {
      queries: this.columnsOf(this.ownRows(projected), head),
      keys: this.columnsOf(projected, heads + head),
      values: this.columnsOf(projected, 2 * heads + head),
    };
  }

  /** Adds what the memory's rows of an image's gradient hold to the memory's gradient. */
  addMemoryGradient(gradients: Matrix, dMemory: TensorInfo): void {
    this.#forMemory(gradients, dMemory, (row, entry, numFloats) =>
      this.#workspace.module.addFloats(row, entry, numFloats),
    );
  }

  /** Calls for each vector of a memory `[2, heads, M, d]` and its place in what is like `projected`. */
  #forMemory(
    projected: Matrix,
    memory: TensorInfo,
    visit: (row: Address, entry: Address, numFloats: number) => void,
  ): void {
    const { heads, numMemory, dimHead } = this.sizes;
    for (let i = 0; i < 2 * heads; i++) {
      const { address, stride } = this.columnsOf(projected, heads + i);
      for (let m = 0; m < numMemory; m++) {
        const entry = this.#workspace.address(memory) + floats((i * numMemory + m) * dimHead);
        visit(address + m * stride, entry, dimHead);
      }
    }
  }
}

function sizesOf({ x, memoryKeyValues }: Given["inputs"]) {
  const [numImages, height, width, numChannels] = x.shape as [number, number, number, number];
  const [, heads, numMemory, dimHead] = memoryKeyValues.shape as [number, number, number, number];
  const numPositions = height * width;
  const numKeys = numPositions + numMemory;
  const attentionWidth = heads * dimHead;
  const ofImages = { numImages, height, width, numChannels, numPositions };
  return { ...ofImages, heads, numMemory, dimHead, attentionWidth, numKeys };
}
