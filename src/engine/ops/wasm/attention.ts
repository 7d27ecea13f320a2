import type { TensorInfo } from "@tensorflow/tfjs-core";
import type { Kernels } from "../kernel.ts";
import { AttentionLayer } from "./attentionLayer.ts";
import { inBlocks } from "./conv.ts";
import { type Matrix, matrixAt, type Products } from "./matrix.ts";
import type { Workspace } from "./workspace.ts";

/** softmax(q k^T / sqrt(d)) v, image by image and head by head; `[B, H, W, heads d]`. */
export function attention(workspace: Workspace, { inputs }: Kernels["Attention"]): TensorInfo {
  const layer = new AttentionLayer(workspace, inputs, { numParts: 3 });
  const { products, projected } = layer;
  const { numImages, height, width, heads, attentionWidth } = layer.sizes;
  const output = workspace.output([numImages, height, width, attentionWidth]);
  for (let image = 0; image < numImages; image++) {
    layer.project(image);
    for (let head = 0; head < heads; head++) {
      const [, , values] = projectionsOf(layer, projected, head);
      const result = layer.headOf(layer.imageOf(output, image), head);
      products.multiply(weightsOf(layer, head), values, result);
    }
  }
  return output;
}

/** The gradients of x (plus the addend), the projection and the memory. */
export function attentionGradient(
  workspace: Workspace,
  { inputs }: Kernels["AttentionGradient"],
): TensorInfo[] {
  const { x, qkvKernel, memoryKeyValues, dy, addend } = inputs;
  const layer = new AttentionLayer(workspace, inputs, { numParts: 3 });
  const { products, projected, kernel } = layer;
  const { numImages, heads, dimHead, numMemory, numChannels } = layer.sizes;
  const dX = workspace.output(x.shape);
  const dKernel = workspace.output(qkvKernel.shape);
  const dMemory = workspace.output(memoryKeyValues.shape);
  const dKernels = matrixAt(workspace.address(dKernel), numChannels, kernel.numColumns);
  products.clear(dKernels);
  products.clear(matrixAt(workspace.address(dMemory), 2 * heads * numMemory, dimHead));

  const swapped = layer.swappedKernel();
  const gradients = products.scratch("gradients", projected.numRows, projected.numColumns);
  const ofMemory = layer.memoryBlocks(gradients, dMemory);
  for (let image = 0; image < numImages; image++) {
    layer.project(image);
    products.clear(gradients);
    for (let head = 0; head < heads; head++) {
      const [queries, keys, values] = projectionsOf(layer, projected, head);
      const [dQueries, dKeys, dValues] = projectionsOf(layer, gradients, head);
      const dResult = layer.headOf(layer.imageOf(dy, image), head);
      const weights = weightsOf(layer, head);
      const dWeights = scores("dWeights", products, queries, keys);
      products.addTransposedProduct(weights, dResult, dValues);
      products.multiply(dResult, values, dWeights, { transposeB: true });
      products.softmaxRowsGradient(weights, dWeights, dWeights, dimHead ** -0.5);
      products.multiply(dWeights, keys, dQueries);
      products.addTransposedProduct(dWeights, queries, dKeys);
    }
    for (const [place, entries] of ofMemory) products.addRows(place, entries);
    const own = layer.ownRows(gradients);
    const before = addend ? layer.imageOf(addend, image).address : 0;
    products.multiplyPacked(own, swapped, layer.imageOf(dX, image), { addend: before });
    layer.addKernelGradient(image, own, dKernels);
  }
  return [dX, dKernel, dMemory];
}

/** Queries `[N, d]`, keys and values `[M + N, d]` of a head. */
function projectionsOf(layer: AttentionLayer, projected: Matrix, head: number) {
  return [
    layer.headOf(layer.ownRows(projected), head),
    layer.headOf(projected, head, 1),
    layer.headOf(projected, head, 2),
  ] as const;
}

function weightsOf(layer: AttentionLayer, head: number): Matrix {
  const { products, projected, sizes } = layer;
  const [queries, keys] = projectionsOf(layer, projected, head);
  const weights = scores("weights", products, queries, keys);
  products.multiply(queries, keys, weights, { transposeB: true });
  products.softmaxRows(weights, weights, sizes.dimHead ** -0.5);
  return weights;
}

/** `[N, M + N]`, with room for what a product reads behind a row. */
function scores(name: string, products: Products, queries: Matrix, keys: Matrix): Matrix {
  const matrix = products.scratch(name, queries.numRows, inBlocks(keys.numRows));
  return { ...matrix, numColumns: keys.numRows };
}
