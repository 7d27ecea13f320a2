import type { TensorInfo } from "@tensorflow/tfjs-core";
import { paddedImages } from "./images.ts";
import { floats, type KernelCall } from "./kernelCall.ts";
import type { Address } from "./module.ts";

/** Output channels of a tile. */
export const BLOCK = 8;

/** A multiple of `BLOCK`. */
export function inBlocks(count: number): number {
  return Math.ceil(count / BLOCK) * BLOCK;
}

/** y = conv(x, K) + bias + addend. */
export function convSame(call: KernelCall): TensorInfo {
  return conv(call, {
    inputs: call.concatenated,
    kernel: call.input("kernel"),
    bias: call.optional("bias"),
    addend: call.optional("addend"),
  });
}

interface Conv extends Extras {
  /** `[B, H, W, C_i]`. */
  inputs: readonly TensorInfo[];
  /** `[k, k, sum C_i, C_out]`. */
  kernel: TensorInfo;
}

interface Extras {
  bias?: TensorInfo | undefined;
  addend?: TensorInfo | undefined;
}

export function conv(call: KernelCall, { kernel, ...others }: Conv): TensorInfo {
  const [kernelSize, , numIn, numOut] = kernel.shape as [number, number, number, number];
  const numRows = kernelSize ** 2 * numIn;
  const packed = call.scratch(numRows * inBlocks(numOut));
  call.module.packColumns(call.address(kernel), packed, numRows, numOut, floats(numOut));
  return convolve(call, { ...others, packed, kernelSize, numOut });
}

/** The convolution of dY with the kernel turned by 180 degrees and its channels swapped. */
export function convSameInputGradient(call: KernelCall): TensorInfo {
  return inputGradient(call, {
    ...call.inputs("dy", "kernel"),
    ...call.numbers("firstIn", "numIn"),
    addend: call.optional("addend"),
  });
}

interface InputGradient {
  dy: TensorInfo;
  kernel: TensorInfo;
  addend: TensorInfo | undefined;
  /** The input's channels among those of all concatenated inputs. */
  firstIn: number;
  numIn: number;
}

export function inputGradient(
  call: KernelCall,
  { dy, kernel, addend, firstIn, numIn }: InputGradient,
): TensorInfo {
  const [size, , allIn, numOut] = kernel.shape as [number, number, number, number];
  const packed = call.scratch(size ** 2 * numOut * inBlocks(numIn));
  call.module.packTurned(call.address(kernel), packed, size, allIn, firstIn, numIn, numOut);
  return convolve(call, { inputs: [dy], packed, kernelSize: size, numOut: numIn, addend });
}

interface Convolution extends Extras {
  /** `[B, H, W, C_i]`. */
  inputs: readonly TensorInfo[];
  /** `[numOut / 8, k, k, sum C_i, 8]`. */
  packed: Address;
  kernelSize: number;
  numOut: number;
}

function convolve(
  call: KernelCall,
  { inputs, packed, kernelSize, numOut, bias, addend }: Convolution,
): TensorInfo {
  const { module } = call;
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
