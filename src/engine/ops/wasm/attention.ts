import type { TensorInfo } from "@tensorflow/tfjs-core";
import type { Kernels } from "../kernel.ts";
import { type AttentionRule, FULL, type Head, LINEAR } from "./attentionRules.ts";
import { inBlocks } from "./conv.ts";
import { columnsOf, type Matrix, matrixAt, Products, rowsAtOnce, rowsOf } from "./matrix.ts";
import type { Address } from "./module.ts";
import { floats, type Workspace } from "./workspace.ts";

/** Softmax or linear attention, image by image and head by head; `[B, H, W, heads d]`. */
export function attention(workspace: Workspace, given: Kernels["Attention"]): TensorInfo {
  const layer = new AttentionLayer(workspace, given);
  const { numImages, height, width, heads, dimHead, attentionWidth } = layer.sizes;
  const output = workspace.output([numImages, height, width, attentionWidth]);
  for (let image = 0; image < numImages; image++) {
    layer.project(image);
    for (let head = 0; head < heads; head++) {
      const result = columnsOf(layer.imageOf(output, image), head * dimHead, dimHead);
      layer.rule.forward(layer.products, layer.headOf(layer.projected, head), result);
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
  const { products, kernel, sizes } = layer;
  const { numImages, heads, dimHead, numChannels, numMemory, numPositions } = sizes;
  const { x, qkvKernel, memoryKeyValues, dy, addend } = given.inputs;
  const dX = workspace.output(x.shape);
  const dKernel = workspace.output(qkvKernel.shape);
  const dMemory = workspace.output(memoryKeyValues.shape);
  const dKernels = matrixAt(workspace.address(dKernel), numChannels, kernel.numColumns);
  module.fillZeros(dKernels.address, numChannels * kernel.numColumns);
  module.fillZeros(workspace.address(dMemory), 2 * numMemory * heads * dimHead);

  const swapped = workspace.scratch(kernel.numColumns * inBlocks(numChannels));
  module.packRows(kernel.address, swapped, numChannels, kernel.numColumns, kernel.stride);
  const gradients = layer.likeProjected("gradients");
  // Tiles of 4 channels read behind the last one.
  const copyAddress = workspace.scratch(numPositions * numChannels + 3);
  const copy = matrixAt(copyAddress, numPositions, numChannels);
  for (let image = 0; image < numImages; image++) {
    layer.project(image);
    module.fillZeros(gradients.address, gradients.numRows * gradients.numColumns);
    for (let head = 0; head < heads; head++) {
      const dResult = columnsOf(layer.imageOf(dy, image), head * dimHead, dimHead);
      const gradient = layer.headOf(gradients, head);
      layer.rule.gradient(products, layer.headOf(layer.projected, head), dResult, gradient);
    }
    for (const [row, entry] of layer.memoryRows(gradients, dMemory)) {
      module.addFloats(row, entry, dimHead);
    }
    const own = rowsOf(gradients, numMemory, numPositions);
    const before = addend ? layer.imageOf(addend, image).address : 0;
    products.multiplyPacked(own, swapped, layer.imageOf(dX, image), before);
    module.copyFloats(layer.imageOf(x, image).address, copy.address, numPositions * numChannels);
    products.addTransposedProduct(copy, own, dKernels);
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

  constructor(workspace: Workspace, { inputs, attrs: { isFull } }: Kernels["Attention"]) {
    this.#workspace = workspace;
    this.#x = inputs.x;
    this.sizes = sizesOf(inputs);
    this.rule = isFull ? FULL : LINEAR;
    const { numChannels, attentionWidth, numKeys, dimHead } = this.sizes;
    const { module } = workspace;
    const numColumns = 3 * attentionWidth;
    this.kernel = matrixAt(workspace.address(inputs.qkvKernel), numChannels, numColumns);
    const { address, stride } = this.kernel;
    this.#packedKernel = workspace.scratch(numChannels * inBlocks(numColumns));
    module.packColumns(address, this.#packedKernel, numChannels, numColumns, stride);
    this.products = new Products(workspace, {
      packedSize: Math.max(
        inBlocks(numKeys) * inBlocks(dimHead),
        rowsAtOnce(numColumns) * inBlocks(numColumns),
        rowsAtOnce(dimHead) * inBlocks(dimHead),
      ),
      numColumns: Math.max(numColumns, numKeys, numChannels),
    });
    this.projected = this.likeProjected("projected");
    // Before those of the images, where it stays.
    for (const [row, entry] of this.memoryRows(this.projected, inputs.memoryKeyValues)) {
      module.copyFloats(entry, row, dimHead);
    }
  }

  likeProjected(name: string): Matrix {
    const { numKeys, attentionWidth } = this.sizes;
    return this.products.scratch(name, numKeys, 3 * attentionWidth);
  }

  /** Fills `projected` for an image, behind the memory. */
  project(image: number): void {
    const { numMemory, numPositions } = this.sizes;
    const own = rowsOf(this.projected, numMemory, numPositions);
    this.products.multiplyPacked(this.imageOf(this.#x, image), this.#packedKernel, own);
  }

  /** An image's rows of a tensor `[B, H, W, C]`: `[N, C]`. */
  imageOf(tensor: TensorInfo, image: number): Matrix {
    const { numImages, numPositions } = this.sizes;
    const address = this.#workspace.address(tensor);
    const rows = matrixAt(address, numImages * numPositions, tensor.shape[3] as number);
    return rowsOf(rows, image * numPositions, numPositions);
  }

  /** A head's part of what is laid out like `projected`. */
  headOf(projected: Matrix, head: number): Head {
    const { heads, dimHead, numMemory, numPositions } = this.sizes;
    const columns = (index: number) => columnsOf(projected, index * dimHead, dimHead);
    return {
      queries: rowsOf(columns(head), numMemory, numPositions),
      keys: columns(heads + head),
      values: columns(2 * heads + head),
    };
  }

  /** Each vector of a memory `[2, heads, M, d]`, after its place in what is like `projected`. */
  *memoryRows(projected: Matrix, memory: TensorInfo): Generator<[row: Address, entry: Address]> {
    const { heads, numMemory, dimHead } = this.sizes;
    let entry = this.#workspace.address(memory);
    for (let i = 0; i < 2 * heads; i++) {
      const { address, stride } = columnsOf(projected, (heads + i) * dimHead, dimHead);
      for (let m = 0; m < numMemory; m++) {
        yield [address + m * stride, entry];
        entry += floats(dimHead);
      }
    }
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
