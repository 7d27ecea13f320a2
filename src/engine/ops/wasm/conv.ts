import type { TensorInfo } from "@tensorflow/tfjs-core";
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
        ...([numImages, height, width, pad, numChannels] as const),
        ...([numOut, rowLength, floats(numOut), spare] as const),
      );
    }
    module.addPixelSums(packed, call.address(dBias), numPixels, numOut, spare);
  }
  return [dKernel, dBias];
}

/** Of the padded images at once: half of what a core's second cache often has. */
const CHUNK_FLOATS = 2 ** 16;

interface Chunk {
  /** The first of its images. */
  first: number;
  numImages: number;
  /** Its images `[numImages, H + 2 pad, W + 2 pad, C]`. */
  images: Address;
}

/**
 * The inputs of a convolution with zeros around them, concatenated along their channels, few images at
 * a time so that they stay in the cache.
 *
 * @param inputs `[B, H, W, C_i]`
 * @param isCopied whether they are copied where they could be read as they are; then 3 floats behind the
 *   end may be read
 */
function paddedImages(
  call: KernelCall,
  inputs: readonly TensorInfo[],
  { kernelSize, isCopied }: { kernelSize: number; isCopied: boolean },
) {
  const [numImages, height, width] = (inputs[0] as TensorInfo).shape as [number, number, number];
  const channels = inputs.map(({ shape }) => shape[3] as number);
  const numChannels = channels.reduce((sum, count) => sum + count, 0);
  const pad = (kernelSize - 1) / 2;
  const size = (height + 2 * pad) * (width + 2 * pad) * numChannels;
  const chunkSize = Math.min(numImages, Math.max(1, Math.floor(CHUNK_FLOATS / size)));
  const isAsItIs = pad === 0 && inputs.length === 1 && !isCopied;
  // Of all inputs together; images of all chunks but the last; one chunk after the other in the same memory.
  return { height, width, pad, numChannels, chunkSize, chunks: chunks() };

  function* chunks(): Generator<Chunk> {
    const { module } = call;
    const copy = isAsItIs ? 0 : call.scratch(chunkSize * size + 3);
    if (!isAsItIs) module.fillZeros(copy, chunkSize * size + 3);
    for (let first = 0; first < numImages; first += chunkSize) {
      const count = Math.min(chunkSize, numImages - first);
      const sources = inputs.map(
        (input, i) =>
          call.address(input) + floats(first * height * width * (channels[i] as number)),
      );
      if (isAsItIs) {
        yield { first, numImages: count, images: sources[0] as Address };
        continue;
      }
      let firstChannel = 0;
      sources.forEach((source, i) => {
        const numIn = channels[i] as number;
        module.padImages(source, copy, count, height, width, numIn, pad, firstChannel, numChannels);
        firstChannel += numIn;
      });
      yield { first, numImages: count, images: copy };
    }
  }
}
