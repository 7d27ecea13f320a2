import * as tf from "@tensorflow/tfjs-core";
import type { Model } from "../../src/engine/diffusion/model.ts";
import {
  decodeSafetensors,
  type StoredTensor,
} from "../../src/engine/formats/safetensors/safetensors.ts";
import { labelRows } from "../../src/engine/nn/embedding.ts";
import { fromTorch, torchShape } from "../../src/engine/nn/layout.ts";
import type { NeuralNetwork } from "../../src/engine/nn/network.ts";
import { numElements, totalElements } from "../../src/engine/nn/parameters.ts";
import { createUnet } from "../../src/engine/nn/unet.ts";
import { type NoisyBatch, parametersOf } from "../../src/engine/train/gradient.ts";
import { relativeError } from "../relativeError.ts";

export interface Comparison {
  quantity: string;
  /** Norm of the difference over the norm of the reference. */
  error: number;
  /** What the error may be at most. */
  bound: number;
}

/** Outputs, losses and trajectories; float32 sums in another order move them by less. */
export const OUTPUT_BOUND = 1e-4;
/** Each gradient and each trained parameter tensor. */
export const PARAMETER_BOUND = 1e-3;

/** One file of reference numbers, computed with PyTorch. */
export interface Reference {
  /** File name without the extension. */
  name: string;
  /** The values of a quantity; throws when the file has none. */
  get(quantity: string): StoredTensor;
  /** Of all quantities. */
  names: string[];
  metadata: Record<string, string>;
}

export function parseReference(name: string, bytes: Uint8Array): Reference {
  const { tensors, metadata } = decodeSafetensors(bytes);
  return {
    name,
    metadata,
    names: [...tensors.keys()],
    get(quantity) {
      const found = tensors.get(quantity);
      if (!found) throw new Error(`${name} has no ${quantity}`);
      return found;
    },
  };
}

/** The network that a file describes in its metadata, with the library's defaults. */
export function referenceUnet({ metadata, name }: Reference): NeuralNetwork {
  if (!metadata.unet) throw new Error(`${name} has no metadata "unet"`);
  const unet = JSON.parse(metadata.unet);
  return createUnet({
    dim: unet.dim,
    dimMults: unet.dim_mults ?? [1, 2, 4, 8],
    attnHeads: unet.attn_heads ?? 4,
    attnDimHead: unet.attn_dim_head ?? 32,
    selfCondition: unet.self_condition ?? false,
    classes: Number(metadata.classes ?? 0),
  });
}

/** The network of a file with its weights `weight.*`. */
export function referenceModel(reference: Reference): Model {
  const network = referenceUnet(reference);
  return modelOf(network, tf.tensor1d(referenceParameters(reference, network, "weight")));
}

/** In a tidy, since a large network's parameters are split anew for every call. */
export function modelOf(network: NeuralNetwork, values: tf.Tensor1D): Model {
  return (x, timesteps, x0Before) =>
    tf.tidy(() => network.forward(parametersOf(network, values), { x, timesteps, x0Before }));
}

/** All parameters `<prefix>.<name>` of a file in our order and layout. */
export function referenceParameters(reference: Reference, network: NeuralNetwork, prefix: string) {
  const flat = new Float32Array(totalElements(network.parameters));
  let offset = 0;
  for (const { name, shape, layout } of network.parameters) {
    const stored = reference.get(`${prefix}.${name}`);
    const expected = torchShape(layout, shape);
    if (String(stored.shape) !== String(expected)) {
      throw new Error(`${name}: PyTorch has [${stored.shape}], we expect [${expected}]`);
    }
    flat.set(fromTorch(layout, shape, stored.values as Float32Array), offset);
    offset += numElements(shape);
  }
  return flat;
}

/** Images of one channel are the same in NCHW and NHWC. */
export function imagesOf(reference: Reference, quantity: string): tf.Tensor4D {
  const { values, shape } = reference.get(quantity);
  return tf.tensor4d(values as Float32Array, [shape[0] as number, 28, 28, 1]);
}

/** Timesteps or labels, `[B]`. */
export function integersOf(reference: Reference, quantity: string): Int32Array {
  return reference.get(quantity).values as Int32Array;
}

/** `<prefix>{images,noise,timesteps}` of a file, and `labels` where the network has classes. */
export function batchOf(reference: Reference, prefix: string, classes = 0): NoisyBatch {
  const images = imagesOf(reference, `${prefix}images`);
  return {
    x0: tf.sub(tf.mul(images, 2), 1),
    eps: imagesOf(reference, `${prefix}noise`),
    timesteps: integersOf(reference, `${prefix}timesteps`),
    labels: classes > 0 ? labelRows(integersOf(reference, `${prefix}labels`), classes) : null,
  };
}

/** One comparison for every parameter `<prefix>.<name>`. */
export function* compareParameters(
  reference: Reference,
  network: NeuralNetwork,
  prefix: string,
  flat: ArrayLike<number>,
): Generator<Comparison> {
  const expected = referenceParameters(reference, network, prefix);
  const actual = Float32Array.from(flat);
  let offset = 0;
  for (const { name, shape } of network.parameters) {
    const end = offset + numElements(shape);
    const error = relativeError(actual.subarray(offset, end), expected.subarray(offset, end));
    yield { quantity: `${prefix}.${name}`, error, bound: PARAMETER_BOUND };
    offset = end;
  }
}
