import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import * as tf from "@tensorflow/tfjs-core";
import { decodeSafetensors, type StoredTensor } from "../../src/formats/safetensors.ts";
import { fromTorch, torchShape } from "../../src/nn/layout.ts";
import { numElements, totalElements } from "../../src/nn/parameters.ts";
import { createUnet, type Unet, type UnetConfig } from "../../src/nn/unet.ts";

const FOLDER = new URL("../fixtures/reference/", import.meta.url);

export interface Reference {
  /** The values of a quantity; throws when the file has none. */
  get(name: string): StoredTensor;
  metadata: Record<string, string>;
}

export function readReference(name: string): Reference {
  const bytes = readFileSync(fileURLToPath(new URL(`${name}.safetensors`, FOLDER)));
  const { tensors, metadata } = decodeSafetensors(bytes);
  return {
    metadata,
    get(quantity) {
      const found = tensors.get(quantity);
      if (!found) throw new Error(`${name} has no ${quantity}`);
      return found;
    },
  };
}

/** The network a reference file describes in its metadata. */
export function referenceUnet({ metadata }: Reference): Unet {
  const unet = JSON.parse(metadata.unet ?? "");
  const config: UnetConfig = {
    dim: unet.dim,
    dimMults: unet.dim_mults,
    attnHeads: unet.attn_heads,
    attnDimHead: unet.attn_dim_head,
    selfCondition: false,
  };
  return createUnet(config);
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
export function imagesOf(reference: Reference, name: string): tf.Tensor4D {
  const { values, shape } = reference.get(name);
  return tf.tensor4d(values as Float32Array, [shape[0] as number, 28, 28, 1]);
}

export function timestepsOf(reference: Reference, name: string): Int32Array {
  return reference.get(name).values as Int32Array;
}
