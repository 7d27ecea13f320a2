/** A look inside: what one block of the network makes of an image. */
import * as tf from "@tensorflow/tfjs-core";
import type { AttentionParameters } from "./layerParameters.ts";
import { attentionLayerWeights } from "./layers.ts";
import type { ForwardInputs, NeuralNetwork } from "./network.ts";
import type { Parameters } from "./parameters.ts";
import type { UnetBlock } from "./unetBlocks.ts";

/** A network, and what it is given. */
export interface NetworkInputs {
  network: NeuralNetwork;
  parameters: Parameters;
  inputs: ForwardInputs;
}

/** A block with more channels shows its first ones. */
export const MAX_MAPS = 64;

export interface BlockLook {
  /** Side of the maps in pixels. */
  size: number;
  /** Channels that the block makes, of which there may be more than maps. */
  numChannels: number;
  /** A map for each channel, `[n, size, size]`, each from 0 at its least to 255 at its most. */
  maps: Uint8Array<ArrayBuffer>;
  /** The least and the most of each, `[n, 2]`. */
  ranges: Float32Array<ArrayBuffer>;
  /** What a block with attention takes for the chosen position; null without either. */
  attention: PixelAttention | null;
}

/** The share of each in what one pixel takes, see `attentionWeights`; those of each head add up to 1. */
export interface PixelAttention {
  /** Shares of the pixels of the image, `[heads, size, size]`. */
  pixels: Float32Array<ArrayBuffer>;
  /** Shares of the learned memory, `[heads, M]`. */
  memory: Float32Array<ArrayBuffer>;
}

/**
 * Runs the network and looks at a block's output for the first image.
 *
 * @param look.position of the pixel whose attention is looked at, row by row in the block's images; null for none
 * @throws Error when no block of that name makes images, or the pixel lies outside of them
 */
export async function lookAtBlock(
  { network, parameters, inputs }: NetworkInputs,
  { block: name, position }: { block: string; position: number | null },
): Promise<BlockLook> {
  let numChannels = 0;
  const [maps, weights] = tf.tidy(() => {
    let seen: tf.Tensor3D[] = [];
    let before: tf.Tensor4D | null = null;
    const onBlock = (block: UnetBlock, output: tf.Tensor4D) => {
      if (block.name === name) {
        numChannels = block.numOut;
        seen = [channelMaps(output)];
        if (position !== null && before && isAttention(block)) {
          seen.push(attentionLayerWeights(parameters, block.parameters, before, position));
        }
      }
      before = output;
    };
    network.forward(parameters, { ...inputs, onBlock });
    return seen;
  });
  if (!maps) throw new Error(`Expected a block that makes images, got "${name}".`);
  const [mapValues, weightValues] = await Promise.all([maps.data(), weights?.data()]);
  tf.dispose([maps, ...(weights ? [weights] : [])]);
  const [, size] = maps.shape;
  return {
    size,
    numChannels,
    ...scaledMaps(mapValues, size ** 2),
    attention: weights && weightValues ? attentionOf(weightValues, weights.shape, size) : null,
  };
}

function isAttention(block: UnetBlock): block is UnetBlock<AttentionParameters> {
  return block.kind === "fullAttention" || block.kind === "linearAttention";
}

/** The first channels of the first image, `[n, size, size]`. */
function channelMaps(output: tf.Tensor4D): tf.Tensor3D {
  const [, height, width, channels] = output.shape;
  const shown = [1, height, width, Math.min(channels, MAX_MAPS)];
  const first: tf.Tensor4D = tf.slice(output, [0, 0, 0, 0], shown);
  return tf.squeeze(tf.transpose(first, [0, 3, 1, 2]), [0]);
}

function scaledMaps(values: ArrayLike<number>, mapSize: number) {
  const numMaps = values.length / mapSize;
  const maps = new Uint8Array(values.length);
  const ranges = new Float32Array(2 * numMaps);
  for (let start = 0; start < values.length; start += mapSize) {
    let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (let i = start; i < start + mapSize; i++) {
      least = Math.min(least, values[i] as number);
      most = Math.max(most, values[i] as number);
    }
    const scale = most > least ? 255 / (most - least) : 0;
    for (let i = start; i < start + mapSize; i++) {
      maps[i] = Math.round(((values[i] as number) - least) * scale);
    }
    ranges.set([least, most], (2 * start) / mapSize);
  }
  return { maps, ranges };
}

/** @param weights `[1, heads, M + N]`, the memory's first */
function attentionOf(
  weights: ArrayLike<number>,
  [, heads, numKeys]: readonly [number, number, number],
  size: number,
): PixelAttention {
  const numMemory = numKeys - size ** 2;
  const parts = (from: number, to: number) =>
    Float32Array.from(
      Array.from({ length: heads }, (_, head) =>
        Array.from({ length: to - from }, (__, i) => weights[head * numKeys + from + i] as number),
      ).flat(),
    );
  return { pixels: parts(numMemory, numKeys), memory: parts(0, numMemory) };
}
