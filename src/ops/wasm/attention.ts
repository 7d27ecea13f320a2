import type { TensorInfo } from "@tensorflow/tfjs-core";
import { AttentionLayer } from "./attentionLayer.ts";
import { inBlocks } from "./conv.ts";
import type { KernelCall } from "./kernelCall.ts";

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
