import type { TensorInfo } from "@tensorflow/tfjs-core";
import { BLOCK, inBlocks } from "./conv.ts";
import { paddedImages } from "./images.ts";
import { floats, type KernelCall } from "./kernelCall.ts";

/** dL/dK, `[k, k, sum C_i, C_out]`, and dL/db, `[C_out]`. */
export function convSameKernelGradient(call: KernelCall): [dKernel: TensorInfo, dBias: TensorInfo] {
  const { dy } = call.inputs("dy");
  return kernelGradient(call, {
    inputs: call.concatenated,
    dy,
    kernelSize: call.number("kernelSize"),
  });
}

interface KernelGradient {
  /** `[B, H, W, C_i]`. */
  inputs: readonly TensorInfo[];
  /** `[B, H, W, C_out]`. */
  dy: TensorInfo;
  kernelSize: number;
}

/** Summed over few images at a time and then over these sums. */
export function kernelGradient(
  call: KernelCall,
  { inputs, dy, kernelSize }: KernelGradient,
): [dKernel: TensorInfo, dBias: TensorInfo] {
  const { module } = call;
  const numOut = dy.shape[3] as number;
  // Tiles of 4 channels read behind the last one where they do not divide.
  const isCopied = inputs.some(({ shape }) => (shape[3] as number) % 4 !== 0);
  const images = paddedImages(call, inputs, { kernelSize, isCopied });
  const { height, width, pad, numChannels, chunkSize, chunks } = images;

  const rowLength = kernelSize * numChannels;
  const dKernel = call.output([kernelSize, kernelSize, numChannels, numOut]);
  const dBias = call.output([numOut]);
  module.fillZeros(call.address(dKernel), kernelSize * rowLength * numOut);
  module.fillZeros(call.address(dBias), numOut);

  const packed = call.scratch(chunkSize * height * width * inBlocks(numOut));
  const spare = call.scratch(BLOCK);
  const rowBytes = floats((width + 2 * pad) * numChannels);
  for (const { first, numImages, images } of chunks) {
    const numPixels = numImages * height * width;
    const dys = call.address(dy) + floats(first * height * width * numOut);
    module.packColumns(dys, packed, numPixels, numOut, floats(numOut));
    for (let row = 0; row < kernelSize; row++) {
      module.convKernelGradientTiles(
        ...([images + row * rowBytes, packed] as const),
        call.address(dKernel) + floats(row * rowLength * numOut),
        ...([
          numImages,
          height,
          width,
          pad,
          numChannels,
          numOut,
          rowLength,
          floats(numOut),
          spare,
        ] as const),
      );
    }
    module.addPixelSums(packed, call.address(dBias), numPixels, numOut, spare);
  }
  return [dKernel, dBias];
}
