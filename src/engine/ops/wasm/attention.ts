import type { TensorInfo } from "@tensorflow/tfjs-core";
import { type AttentionRule, FULL, type Head, LINEAR } from "./attentionRules.ts";
import { inBlocks } from "./conv.ts";
import { floats, type KernelCall } from "./kernelCall.ts";
import { type Matrix, matrixAt, Products, ROWS_AT_ONCE } from "./matrix.ts";
import type { Address } from "./module.ts";

/** Softmax or linear attention, image by image and head by head; `[B, H, W, heads d]`. */
export function attention(call: KernelCall): TensorInfo {
  const layer = new AttentionLayer(call);
  const { numImages, height, width, heads, attentionWidth } = layer.sizes;
  const output = call.output([numImages, height, width, attentionWidth]);
  const rule = layer.rule.forward(layer.products, layer.sizes);
  for (let image = 0; image < numImages; image++) {
    layer.project(image);
    const result = layer.imageOf(output, image);
    for (let head = 0; head < heads; head++) {
      rule(layer.headOf(layer.projected, head), layer.columnsOf(result, head));
    }
  }
  return output;
}

/** Of x (plus the addend), the projection and the memory. */
export function attentionGradient(call: KernelCall): TensorInfo[] {
  const { module } = call;
  const layer = new AttentionLayer(call);
  const { numImages, heads, numChannels, numMemory, numPositions, attentionWidth } = layer.sizes;
  const { x, qkvKernel, memoryKeyValues, dy } = call.inputs(
    ...(["x", "qkvKernel", "memoryKeyValues", "dy"] as const),
  );
  const addend = call.optional("addend");
  const dX = call.output(x.shape);
  const dKernel = call.output(qkvKernel.shape);
  const dMemory = call.output(memoryKeyValues.shape);
  const dKernelMatrix = { ...layer.kernel, address: call.address(dKernel) };
  module.fillZeros(dKernelMatrix.address, numChannels * 3 * attentionWidth);
  module.fillZeros(call.address(dMemory), 2 * numMemory * attentionWidth);

  const swapped = call.scratch(3 * attentionWidth * inBlocks(numChannels));
  const { address, numRows, numColumns, stride } = layer.kernel;
  module.packRows(address, swapped, numRows, numColumns, stride);
  const gradients = layer.likeProjected();
  const rule = layer.rule.gradient(layer.products, layer.sizes);
  // Tiles of 4 channels read behind the last one.
  const copy = call.scratch(numPositions * numChannels + 3);
  for (let image = 0; image < numImages; image++) {
    layer.project(image);
    const dResult = layer.imageOf(dy, image);
    module.fillZeros(gradients.address, gradients.numRows * gradients.numColumns);
    for (let head = 0; head < heads; head++) {
      const gradient = layer.headOf(gradients, head);
      rule(layer.headOf(layer.projected, head), layer.columnsOf(dResult, head), gradient);
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

type Sizes = ReturnType<typeof sizesOf>;

/** What attention and its gradient share: the projection of one image to queries, keys and values. */
class AttentionLayer {
  readonly sizes: Sizes;
  readonly rule: AttentionRule;
  readonly products: Products;
  /** `[C, 3 heads d]`. */
  readonly kernel: Matrix;
  /** A row for each of the memory's entries, and then for each position: `[M + N, 3 heads d]`. */
  readonly projected: Matrix;
  readonly #call: KernelCall;
  readonly #packedKernel: Address;

  constructor(call: KernelCall) {
    this.#call = call;
    this.sizes = sizesOf(call);
    this.rule = call.number("isFull") === 1 ? FULL : LINEAR;
    const { numChannels, attentionWidth, numKeys, dimHead } = this.sizes;
    const numColumns = 3 * attentionWidth;
    this.kernel = matrixAt(call.address(call.input("qkvKernel")), numChannels, numColumns);
    this.#packedKernel = call.scratch(numChannels * inBlocks(numColumns));
    const { address, numRows, stride } = this.kernel;
    call.module.packColumns(address, this.#packedKernel, numRows, numColumns, stride);
    this.products = new Products(call, {
      packedSize: Math.max(
        inBlocks(numKeys) * inBlocks(dimHead),
        ROWS_AT_ONCE * inBlocks(numColumns),
      ),
      numColumns: Math.max(numColumns, numKeys, numChannels),
    });
    this.projected = this.likeProjected();
    // Before those of the images, where it stays.
    this.#forMemory(this.projected, call.input("memoryKeyValues"), (row, entry, numFloats) =>
      call.module.copyFloats(entry, row, numFloats),
    );
  }

  likeProjected(): Matrix {
    const { numKeys, attentionWidth } = this.sizes;
    const address = this.#call.scratch(numKeys * 3 * attentionWidth);
    return matrixAt(address, numKeys, 3 * attentionWidth);
  }

  /** Fills `projected` for an image, behind the memory. */
  project(image: number): void {
    const x = this.imageOf(this.#call.input("x"), image);
    this.products.multiplyPacked(x, this.#packedKernel, this.ownRows(this.projected));
  }

  /** An image's rows of a tensor `[B, H, W, C]`: `[N, C]`. */
  imageOf(tensor: TensorInfo, image: number): Matrix {
    const { numPositions } = this.sizes;
    const numColumns = tensor.shape[3] as number;
    const before = floats(image * numPositions * numColumns);
    return matrixAt(this.#call.address(tensor) + before, numPositions, numColumns);
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
      this.#call.module.addFloats(row, entry, numFloats),
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
        const entry = this.#call.address(memory) + floats((i * numMemory + m) * dimHead);
        visit(address + m * stride, entry, dimHead);
      }
    }
  }
}

function sizesOf(call: KernelCall) {
  const { x, memoryKeyValues } = call.inputs("x", "memoryKeyValues");
  const [numImages, height, width, numChannels] = x.shape as [number, number, number, number];
  const [, heads, numMemory, dimHead] = memoryKeyValues.shape as [number, number, number, number];
  const numPositions = height * width;
  const numKeys = numPositions + numMemory;
  const attentionWidth = heads * dimHead;
  const ofImages = { numImages, height, width, numChannels, numPositions };
  return { ...ofImages, heads, numMemory, dimHead, attentionWidth, numKeys };
}
