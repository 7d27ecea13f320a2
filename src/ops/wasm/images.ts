import type { TensorInfo } from "@tensorflow/tfjs-core";
import { floats, type KernelCall } from "./kernelCall.ts";
import type { Address } from "./module.ts";

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
export function paddedImages(
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
