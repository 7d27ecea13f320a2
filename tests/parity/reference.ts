import * as tf from "@tensorflow/tfjs-core";
import {
  decodeSafetensors,
  type StoredTensor,
} from "../../src/engine/formats/safetensors/safetensors.ts";
import { fromTorch, torchShape } from "../../src/engine/nn/layout.ts";
import { numElements, totalElements } from "../../src/engine/nn/parameters.ts";
import { createUnet, type Unet } from "../../src/engine/nn/unet.ts";

/** One file of reference numbers, computed with PyTorch. */
export interface Reference {
  /** File name without the extension. */
  name: string;
  /** The values of a quantity; throws when the file has none. */
  get(quantity: string): StoredTensor;
  metadata: Record<string, string>;
}

export function parseReference(name: string, bytes: Uint8Array): Reference {
  const { tensors, metadata } = decodeSafetensors(bytes);
  return {
    name,
    metadata,
    get(quantity) {
      const found = tensors.get(quantity);
      if (!found) throw new Error(`${name} has no ${quantity}`);
      return found;
    },
  };
}

/** The network that a file describes in its metadata, with the library's defaults. */
export function referenceUnet({ metadata, name }: Reference): Unet {
  if (!metadata.unet) throw new Error(`${name} has no metadata "unet"`);
  const unet = JSON.parse(metadata.unet);
  return createUnet({
    dim: unet.dim,
    dimMults: unet.dim_mults ?? [1, 2, 4, 8],
    attnHeads: unet.attn_heads ?? 4,
    attnDimHead: unet.attn_dim_head ?? 32,
    selfCondition: unet.self_condition ?? false,
  });
}

/** All parameters `<prefix>.<name>` of a file in our order and layout. */
export function referenceParameters(reference: Reference, unet: Unet, prefix: string) {
  const flat = new Float32Array(totalElements(unet.parameters));
  let offset = 0;
  for (const { name, shape, layout } of unet.parameters) {
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

export function timestepsOf(reference: Reference, quantity: string): Int32Array {
  return reference.get(quantity).values as Int32Array;
}
