import type { TensorInfo } from "@tensorflow/tfjs-core";
import { paddedImages } from "./images.ts";
import { floats, type KernelCall } from "./kernelCall.ts";

/** Output channels of a tile. */
export const BLOCK = 8;

/** A multiple of `BLOCK`. */
export function inBlocks(count: number): number {
  return Math.ceil(count / BLOCK) * BLOCK;
}

/** y = conv(x, K) + bias + addend. */
export function convSame(call: KernelCall): TensorInfo {
  const [bias, addend] = [call.optional("bias"), call.optional("addend")];
  return conv(call, { inputs: call.concatenated, kernel: call.input("kernel"), bias, addend });
}

/** The convolution of dY with the kernel turned by 180 degrees and its channels swapped. */
export function convSameInputGradient(call: KernelCall): TensorInfo {
  const { dy, kernel } = call.inputs("dy", "kernel");
  const turned = { firstOut: call.number("firstIn"), numOut: call.number("numIn") };
  return conv(call, { inputs: [dy], kernel, addend: call.optional("addend"), turned });
}

interface Conv {
  /** `[B, H, W, C_i]`, as if concatenated along the channels. */
  inputs: readonly TensorInfo[];
  /** `[k, k, C, C_out]`; turned, `[k, k, C_out + …, C]`. */
  kernel: TensorInfo;
  bias?: TensorInfo | undefined;
  addend?: TensorInfo | undefined;
  /** For dL/dx: the kernel turned by 180 degrees, and of its input channels those that are outputs here. */
  turned?: Record<"firstOut" | "numOut", number>;
}

export function conv(call: KernelCall, options: Conv): TensorInfo {
  const { inputs, bias, addend } = options;
  const { module } = call;
  const { packed, kernelSize, numOut } = packedKernel(call, options);
  const [numImages] = (inputs[0] as TensorInfo).shape as [number];
  const images = paddedImages(call, inputs, { kernelSize, isCopied: false });
  const { height, width, pad, numChannels, chunkSize, chunks } = images;
  const output = call.output([numImages, height, width, numOut]);

  const offsets = call.scratch(chunkSize * height * width);
  module.pixelOffsets(offsets, chunkSize, height, width, pad, numChannels);
  const biasRow = call.scratch(inBlocks(numOut));
  if (bias) module.packColumns(call.address(bias), biasRow, 1, numOut, 0);
  else module.fillZeros(biasRow, inBlocks(numOut));
  const spare = call.scratch(BLOCK);
  const rowBytes = floats((width + 2 * pad) * numChannels);
  for (const chunk of chunks) {
    const numPixels = chunk.numImages * height * width;
    const before = floats(chunk.first * height * width * numOut);
    module.convTiles(
      ...([chunk.images, offsets, numPixels] as const),
      ...([packed, biasRow, addend ? call.address(addend) + before : 0] as const),
      ...([call.address(output) + before, floats(numOut), numOut] as const),
      ...([kernelSize, kernelSize * numChannels, rowBytes, spare] as const),
    );
  }
  return output;
}

/** The kernel as `[numOut / 8, k, k, C, 8]`. */
function packedKernel(call: KernelCall, { kernel, turned }: Conv) {
  const { module } = call;
  const [kernelSize, , kernelIn, kernelOut] = kernel.shape as [number, number, number, number];
  const numOut = turned?.numOut ?? kernelOut;
  const numRows = kernelSize ** 2 * (turned ? kernelOut : kernelIn);
  const packed = call.scratch(numRows * inBlocks(numOut));
  const source = call.address(kernel);
  if (turned) {
    module.packTurned(source, packed, kernelSize, kernelIn, turned.firstOut, numOut, kernelOut);
  } else {
    module.packColumns(source, packed, numRows, numOut, floats(numOut));
  }
  return { packed, kernelSize, numOut };
}
