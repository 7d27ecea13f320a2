import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import {
  decodeSafetensors,
  type StoredTensor,
} from "../../../../src/engine/formats/safetensors/safetensors.ts";
import type { UnetConfig } from "../../../../src/engine/nn/unetBlocks.ts";

const FOLDER = new URL("../../../fixtures/", import.meta.url);
const PATHS = {
  "unet-tiny": "reference/unet-tiny.safetensors",
  "unet-three-level": "reference/unet-three-level.safetensors",
  "self-condition": "self-condition.safetensors",
} as const;

export type FixtureName = keyof typeof PATHS;

/** What PyTorch saved of a network: its `state_dict` and the configuration it was made with. */
export function fixtureWeights(name: FixtureName, prefix: "weight." | "trained." = "weight.") {
  const path = fileURLToPath(new URL(PATHS[name], FOLDER));
  const { tensors, metadata } = decodeSafetensors(readFileSync(path));
  const weights = new Map<string, StoredTensor>();
  for (const [key, tensor] of tensors)
    if (key.startsWith(prefix)) weights.set(key.slice(prefix.length), tensor);
  const unet = JSON.parse(metadata.unet ?? "");
  const config: UnetConfig = {
    dim: unet.dim,
    dimMults: unet.dim_mults,
    attnHeads: unet.attn_heads,
    attnDimHead: unet.attn_dim_head,
    selfCondition: unet.self_condition ?? false,
    classes: 0,
  };
  return { weights, config };
}
