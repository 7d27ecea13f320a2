import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { FormatError } from "../../../../src/engine/formats/formatError.ts";
import {
  decodeSafetensors,
  encodeSafetensors,
  type WritableTensor,
} from "../../../../src/engine/formats/safetensors/safetensors.ts";
import { initialValues } from "../../../../src/engine/nn/parameters.ts";
import { createUnet } from "../../../../src/engine/nn/unet.ts";
import { decodeWeights, encodeWeights } from "../../../../src/runtime/files/weightsFile.ts";
import { relativeError } from "../../../relativeError.ts";
import { smallConfig } from "../../engine/train/smallRun.ts";

const config = smallConfig({ attnHeads: 2 });
const values = initialValues(createUnet(config).parameters, 1);
const facts = {
  trainedSteps: 12,
  isAverage: true,
  dataset: "MNIST",
  lastEpoch: null,
  startedFrom: null,
};

describe("a weights file", () => {
  it("comes back as it went, with configuration and facts", () => {
    const loaded = decodeWeights(encodeWeights({ config, values, facts, dtype: "F32" }));
    expect(loaded.values).toEqual(values);
    expect(loaded.ema).toBeNull();
    const { architecture, dim, dimMults, attnHeads, attnDimHead, selfCondition, classes } = config;
    expect(loaded.network).toEqual({
      architecture,
      dim,
      dimMults,
      attnHeads,
      attnDimHead,
      selfCondition,
      classes,
    });
    expect(JSON.parse(loaded.metadata.config ?? "")).toEqual(config);
    expect(JSON.parse(loaded.metadata.training ?? "")).toEqual(facts);
  });

  it("of half precision is half as large and rounds to 11 bits", () => {
    const whole = encodeWeights({ config, values, facts, dtype: "F32" });
    const half = encodeWeights({ config, values, facts, dtype: "F16" });
    expect(whole.length - half.length).toBeGreaterThan(values.length * 1.9);
    expect(relativeError(decodeWeights(half).values, values)).toBeLessThan(2 ** -11);
  });

  it("of half precision has of each number the nearest float16, also of those near zero", () => {
    // Two between neighbors from 1 on, which are 2 ** -10 apart; two between those that are 2 ** -24 apart.
    const near = [1 + 0.6 * 2 ** -10, -(1 + 0.4 * 2 ** -10), 3.6 * 2 ** -24, -3.4 * 2 ** -24];
    const rounded = [1 + 2 ** -10, -1, 4 * 2 ** -24, -3 * 2 ** -24];
    const changed = values.slice();
    changed.set(near);
    const half = encodeWeights({ config, values: changed, facts, dtype: "F16" });
    expect([...decodeWeights(half).values.subarray(0, near.length)]).toEqual(rounded);
  });

  it("has the library's names and shapes, and says to be PyTorch's", () => {
    const { tensors, metadata } = decodeSafetensors(
      encodeWeights({ config, values, facts, dtype: "F32" }),
    );
    expect(metadata.format).toBe("pt");
    expect(tensors.get("init_conv.weight")?.shape).toEqual([4, 1, 7, 7]);
    expect(tensors.get("downs.0.0.block1.norm.g")?.shape).toEqual([1, 4, 1, 1]);
    expect(tensors.get("downs.0.2.mem_kv")?.shape).toEqual([2, 2, 4, 4]);
  });

  it("of the original loads without our metadata, and inside GaussianDiffusion", () => {
    const path = new URL("../../../fixtures/reference/unet-tiny.safetensors", import.meta.url);
    const { tensors } = decodeSafetensors(readFileSync(fileURLToPath(path)));
    const original = new Map<string, WritableTensor>();
    for (const [name, tensor] of tensors) {
      if (name.startsWith("weight.") && tensor.dtype === "F32") {
        original.set(`model.${name.slice("weight.".length)}`, { ...tensor, dtype: "F32" });
      }
    }
    original.set("betas", { dtype: "F32", shape: [2], values: Float32Array.of(0.1, 0.2) });
    const loaded = decodeWeights(encodeSafetensors({ tensors: original, metadata: {} }));
    expect(loaded.network).toMatchObject({
      dim: 8,
      dimMults: [1, 2],
      attnHeads: 2,
      attnDimHead: 8,
    });
    expect(loaded.values).toHaveLength(49_417);
    expect(loaded.metadata).toEqual({ config: null, training: null });
  });

  it("that is broken is refused", () => {
    const bytes = encodeWeights({ config, values, facts, dtype: "F32" });
    expect(() => decodeWeights(bytes.subarray(0, bytes.length - 4))).toThrow(FormatError);
    const withNan = values.slice();
    withNan[5] = Number.NaN;
    const poisoned = encodeWeights({ config, values: withNan, facts, dtype: "F32" });
    expect(() => decodeWeights(poisoned)).toThrow("init_conv.weight");
  });
});
