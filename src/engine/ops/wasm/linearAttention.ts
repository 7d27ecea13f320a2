/**
 * Linear attention and the projection of its heads: y = sum_heads softmax_d(q) C W_o + b with the contexts
 * C = softmax_n(k)^T v / sqrt(d), `[d, d]`.
 *
 * Values of positions and outputs of heads, which are wider than images, are never there: with e = e^(k - max) and
 * v = x W_v, e^T v = (e^T x) W_v, and C W_o, a matrix for each image, comes before the queries. So it is with all
 * gradients; the sum in that of the keys' softmax is one over the context. What the softmaxes were is kept for the way
 * back. Attention of a step of Quick takes 7.4 ms so, 9.9 to 10.5 where nothing is kept and the second projection is
 * apart (one thread, Node 20).
 */

import type { TensorInfo } from "@tensorflow/tfjs-core";
import type { Kernels } from "../kernel.ts";
import { AttentionLayer } from "./attentionLayer.ts";
import { inBlocks } from "./conv.ts";
import { type Matrix, matrixAt, rowsOf } from "./matrix.ts";
import type { Address } from "./module.ts";
import type { Workspace } from "./workspace.ts";

/** Value, and what the gradient needs of it. */
export function linearAttention(
  workspace: Workspace,
  { inputs }: Kernels["LinearAttention"],
): TensorInfo[] {
  const { outBias } = inputs;
  const layer = new LinearLayer(workspace, inputs);
  const { products, projected, numOut } = layer;
  const { numImages, height, width, heads, attentionWidth } = layer.sizes;
  const output = workspace.output([numImages, height, width, numOut]);
  const saved = workspace.output([numImages, layer.numSavedRows, attentionWidth]);
  const bias = workspace.scratch(inBlocks(numOut));
  workspace.module.packColumns(workspace.address(outBias), bias, 1, numOut, 0);
  for (let image = 0; image < numImages; image++) {
    layer.project(image);
    const { queries, exps } = layer.savedOf(saved, image);
    for (let head = 0; head < heads; head++) {
      const ofHead = layer.headOf(queries, head);
      products.softmaxRows(layer.headOf(layer.ownRows(projected), head), ofHead, 1);
      const inverses = layer.inversesOf(saved, image, head);
      products.expColumns(layer.headOf(projected, head, 1), layer.headOf(exps, head), inverses);
      layer.contextOf(saved, image, head);
    }
    products.multiply(queries, layer.toOutput, layer.imageOf(output, image), { bias });
  }
  return [output, saved];
}

/** The gradients of x (plus the addend), the projection, the memory, and the heads' projection and its bias. */
export function linearAttentionGradient(
  workspace: Workspace,
  { inputs }: Kernels["LinearAttentionGradient"],
): TensorInfo[] {
  const { x, memoryKeyValues, saved, dy, addend } = inputs;
  const layer = new LinearLayer(workspace, inputs);
  const { products, projected, kernel, outKernel, numOut } = layer;
  const { numImages, heads, dimHead, numMemory, attentionWidth, numPositions } = layer.sizes;
  const numChannels = kernel.numRows;
  const dX = workspace.output(x.shape);
  const [dKernel, dKernels] = layer.zeros(inputs.qkvKernel.shape, kernel);
  const [dOutKernel, dOutKernels] = layer.zeros(inputs.outKernel.shape, outKernel);
  const [dMemory] = layer.zeros(memoryKeyValues.shape, layer.memory(memoryKeyValues, 0, 2 * heads));
  const [dBias, dBiases] = layer.zeros([numOut], matrixAt(0, 1, numOut));

  const swapped = layer.swappedKernel();
  const gradients = products.scratch("gradients", projected.numRows, projected.numColumns);
  const dQueries = products.scratch("gradient of softmax", numPositions, attentionWidth);
  const sums = products.scratch("queries times gradient", attentionWidth, numOut);
  const dContext = products.scratch("gradient of context", dimHead, dimHead);
  const shifts = workspace.scratch(inBlocks(dimHead));
  const toKeys = products.scratch("to keys", numChannels, dimHead);
  const toImage = products.scratch("to image", attentionWidth, numChannels);
  const ofMemory = layer.memoryBlocks(gradients, dMemory);
  for (let image = 0; image < numImages; image++) {
    const dOutput = layer.imageOf(dy, image);
    const { queries, exps } = layer.savedOf(saved, image);
    products.addColumnSums(dOutput, dBiases.address);
    products.clear(sums);
    products.addTransposedProduct(queries, dOutput, sums);
    for (let head = 0; head < heads; head++) {
      const ofHead = (matrix: Matrix) => rowsOf(matrix, head * dimHead, dimHead);
      const inverses = layer.inversesOf(saved, image, head);
      const { context, gathered } = layer.contextOf(saved, image, head);
      products.addTransposedProduct(context, ofHead(sums), ofHead(dOutKernels));

      // The factors of the exponentials, 1 / sqrt(d) and 1 / their sums, are in it.
      products.multiply(ofHead(sums), ofHead(outKernel), dContext, { transposeB: true });
      products.scaleRows(dContext, inverses, dimHead ** -0.5);
      products.rowDots(dContext, context, shifts, -(dimHead ** 0.5));
      const valueKernel = layer.headOf(kernel, head, 2);
      products.multiply(valueKernel, dContext, toKeys, { transposeB: true });
      products.multiply(dContext, valueKernel, ofHead(toImage), { transposeB: true });
      products.addTransposedProduct(gathered, dContext, layer.headOf(dKernels, head, 2));

      const [dKeys, expsOfHead] = [layer.headOf(gradients, head, 1), layer.headOf(exps, head)];
      const values = layer.memory(memoryKeyValues, heads + head);
      products.multiply(layer.imageOf(x, image), toKeys, layer.ownRows(dKeys), { bias: shifts });
      const shifted = { transposeB: true, bias: shifts };
      products.multiply(values, dContext, rowsOf(dKeys, 0, numMemory), shifted);
      products.multiplyRows(expsOfHead, dKeys);
      const dValues = layer.memory(dMemory, heads + head);
      const terms = { addend: dValues.address };
      products.multiply(rowsOf(expsOfHead, 0, numMemory), dContext, dValues, terms);
    }
    products.multiply(dOutput, layer.toOutput, dQueries, { transposeB: true });
    for (let head = 0; head < heads; head++) {
      const [ofHead, dOfHead] = [layer.headOf(queries, head), layer.headOf(dQueries, head)];
      const target = layer.headOf(layer.ownRows(gradients), head);
      products.softmaxRowsGradient(ofHead, dOfHead, target, 1);
    }
    for (const [place, entries] of ofMemory) products.addRows(place, entries);
    const own = layer.ownRows(gradients);
    const target = layer.imageOf(dX, image);
    const before = addend ? layer.imageOf(addend, image).address : 0;
    products.multiplyPacked(own, swapped, target, { addend: before });
    products.multiply(layer.ownRows(exps), toImage, target, { addend: target.address });
    layer.addKernelGradient(image, own, dKernels);
  }
  return [dX, dKernel, dMemory, dOutKernel, dBias];
}

class LinearLayer extends AttentionLayer {
  readonly numOut: number;
  /** `[heads d, C_out]`. */
  readonly outKernel: Matrix;
  /** C W_o of all heads, `[heads d, C_out]`, as `contextOf` writes it. */
  readonly toOutput: Matrix;
  /** Softmaxes of the queries, exponentials of the memory's keys and the image's, and a row of 1 / their sums. */
  readonly numSavedRows: number;

  constructor(
    workspace: Workspace,
    inputs: Pick<
      Kernels["LinearAttention"]["inputs"],
      "x" | "qkvKernel" | "memoryKeyValues" | "outKernel"
    >,
  ) {
    const numOut = inputs.outKernel.shape[3] as number;
    super(workspace, inputs, { numParts: 2, numOut });
    const { attentionWidth, numPositions, numKeys } = this.sizes;
    this.numOut = numOut;
    this.outKernel = matrixAt(workspace.address(inputs.outKernel), attentionWidth, numOut);
    this.toOutput = this.products.scratch("to output", attentionWidth, numOut);
    this.numSavedRows = numPositions + numKeys + 1;
  }

  savedOf(saved: TensorInfo, image: number) {
    const { numImages, numPositions, numKeys, attentionWidth } = this.sizes;
    const address = this.workspace.address(saved);
    const all = matrixAt(address, numImages * this.numSavedRows, attentionWidth);
    const first = image * this.numSavedRows;
    return {
      queries: rowsOf(all, first, numPositions),
      exps: rowsOf(all, first + numPositions, numKeys),
      inverses: rowsOf(all, first + numPositions + numKeys, 1),
    };
  }

  inversesOf(saved: TensorInfo, image: number, head: number): Address {
    return this.headOf(this.savedOf(saved, image).inverses, head).address;
  }

  /** The context of a head, `[d, d]`, and the exponentials' sums of the image, `[d, C]`; writes `toOutput`. */
  contextOf(saved: TensorInfo, image: number, head: number) {
    const { products } = this;
    const { dimHead, heads, numChannels, numMemory } = this.sizes;
    const exps = this.headOf(this.savedOf(saved, image).exps, head);
    // Tiles of 4 channels read behind the last one.
    const { address } = products.scratch("gathered", dimHead + 1, numChannels + 3);
    const gathered = matrixAt(address, dimHead, numChannels);
    products.clear(gathered);
    products.addTransposedProduct(this.ownRows(exps), this.imageOf(this.inputs.x, image), gathered);
    const context = products.scratch("context", dimHead, dimHead);
    products.clear(context);
    const values = this.memory(this.inputs.memoryKeyValues, heads + head);
    products.addTransposedProduct(rowsOf(exps, 0, numMemory), values, context);
    const terms = { addend: context.address };
    products.multiply(gathered, this.headOf(this.kernel, head, 2), context, terms);
    products.scaleRows(context, this.inversesOf(saved, image, head), dimHead ** -0.5);
    const [from, to] = [this.outKernel, this.toOutput];
    const first = head * dimHead;
    products.multiply(context, rowsOf(from, first, dimHead), rowsOf(to, first, dimHead));
    return { context, gathered };
  }

  /** A tensor of zeros, also as a matrix of the size of another. */
  zeros(shape: number[], { numRows, numColumns }: Matrix): [TensorInfo, Matrix] {
    const tensor = this.workspace.output(shape);
    const matrix = matrixAt(this.workspace.address(tensor), numRows, numColumns);
    this.products.clear(matrix);
    return [tensor, matrix];
  }
}
