import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { decodeSafetensors, type StoredTensor } from "../../../src/formats/safetensors.ts";
import type { UnetConfig } from "../../../src/nn/unet.ts";

const FOLDER = new URL("../../fixtures/reference/", import.meta.url);

export type FixtureName = "unet-tiny" | "unet-three-level";

/** What PyTorch saved of a network: its `state_dict` and the configuration it was made with. */
export function fixtureWeights(name: FixtureName, prefix: "weight." | "trained." = "weight.") {
  const path = fileURLToPath(new URL(`${name}.safetensors`, FOLDER));
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
    selfCondition: false,
  };
  return { weights, config };
}
