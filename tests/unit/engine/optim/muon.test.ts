import { readFileSync } from "node:fs";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-wasm";
import { beforeAll, describe, expect, it } from "vitest";
import { defaultConfig } from "../../../../src/engine/config/hyperparameters.ts";
import {
  decodeSafetensors,
  type StoredTensor,
} from "../../../../src/engine/formats/safetensors/safetensors.ts";
import type { ParameterLayout } from "../../../../src/engine/nn/layout.ts";
import { type ParameterSpec, totalElements } from "../../../../src/engine/nn/parameters.ts";
import { fromStateDict } from "../../../../src/engine/nn/stateDict.ts";
import { createUnet } from "../../../../src/engine/nn/unet.ts";
import { muon, orthogonalize } from "../../../../src/engine/optim/muon.ts";
import { isHiddenMatrix, stateVectors } from "../../../../src/engine/optim/optimizers.ts";
import { randomNormals } from "../../../../src/engine/random.ts";
import { relativeError } from "../../../relativeError.ts";

beforeAll(async () => {
  await tf.setBackend("wasm");
});

const spec = (name: string, layout: ParameterLayout, shape: number[]): ParameterSpec => ({
  name,
  layout,
  shape,
  init: { kind: "ones" },
});

/** As `tests/fixtures/muon.py` has them. */
const PARAMETERS = [
  spec("init_conv.weight", "conv", [7, 7, 2, 4]),
  spec("wide.weight", "conv", [3, 3, 4, 6]),
  spec("wide.bias", "same", [6]),
  spec("norm.g", "gain", [6]),
  spec("again.weight", "conv", [3, 3, 4, 6]),
  spec("mem_kv", "linearMemory", [2, 1, 3, 4]),
  spec("tall.weight", "conv", [1, 1, 6, 24]),
  spec("shrink.weight", "unshuffledConv", [1, 1, 16, 4]),
  spec("mlp.weight", "linear", [5, 12]),
  spec("final_conv.weight", "conv", [1, 1, 4, 1]),
];
const CONFIG = {
  ...defaultConfig(),
  beta1: 0.9,
  beta2: 0.99,
  adamEps: 1e-8,
  weightDecay: 0.1,
  muonMomentum: 0.95,
  muonRateFactor: 2,
};

describe("Muon", () => {
  const { tensors } = decodeSafetensors(
    readFileSync(new URL("../../../fixtures/muon.safetensors", import.meta.url)),
  );
  const flat = (prefix: string, of: readonly ParameterSpec[] = PARAMETERS) => {
    const named = [...tensors].filter(([name]) => name.startsWith(prefix));
    const dict = named.map(([name, t]): [string, StoredTensor] => [name.slice(prefix.length), t]);
    return fromStateDict(of, new Map(dict));
  };

  it("takes the steps that PyTorch takes", async () => {
    const start = flat("start.");
    let values = tf.tensor1d(start);
    let state = Object.fromEntries(
      stateVectors("muon", PARAMETERS).map(({ name, parameters }) => [
        name,
        tf.zeros<tf.Rank.R1>([totalElements(parameters)]),
      ]),
    );
    for (const step of [1, 2, 3]) {
      const gradient = tf.tensor1d(flat(`gradient.${step - 1}.`));
      ({ values, state } = muon({
        values,
        gradient,
        state,
        step,
        learningRate: 1e-2,
        config: CONFIG,
        parameters: PARAMETERS,
      }));
    }
    const moved = (end: Float32Array) => end.map((value, i) => value - (start[i] as number));
    const end = moved(await values.data<"float32">());
    expect(relativeError(end, moved(flat("end.")))).toBeLessThan(1e-5);
    for (const { name, parameters } of stateVectors("muon", PARAMETERS)) {
      const actual = await (state[name] as tf.Tensor1D).data();
      expect(relativeError(actual, flat(`${name}.`, parameters))).toBeLessThan(1e-6);
    }
  });

  it("leaves to AdamW what comes from images and goes to them, and what is no weight", () => {
    const unet = { ...defaultConfig(), dim: 4, dimMults: [1, 2], attnHeads: 1, attnDimHead: 4 };
    for (const selfCondition of [false, true]) {
      const { parameters } = createUnet({ ...unet, selfCondition });
      const weights = parameters.filter(({ name }) => /weight$/.test(name));
      const left = weights.filter((weight) => !isHiddenMatrix(weight)).map(({ name }) => name);
      expect(left).toEqual(["init_conv.weight", "final_conv.weight"]);
      const taken = parameters.filter(isHiddenMatrix).map(({ name }) => name);
      expect(taken.filter((name) => !name.endsWith("weight"))).toEqual([]);
    }
  });

  it.each([
    ["wide", 5, 40],
    ["tall", 40, 5],
  ])("brings all singular values of a matrix near 1: %s", async (_, numIn, numOut) => {
    const normals = randomNormals({ seed: 0, stream: "noise", index: 0 }, numIn * numOut);
    const x = orthogonalize(tf.tensor4d(normals, [1, 1, numIn, numOut]));
    const isTall = numIn > numOut;
    const gram = await tf.matMul(x, x, isTall, !isTall).data();
    // The trace is the sum of their squares, 0.7^2 to 1.2^2 each.
    const trace = [0, 1, 2, 3, 4].reduce((sum, i) => sum + (gram[6 * i] as number), 0);
    expect(trace).toBeGreaterThan(5 * 0.49);
    expect(trace).toBeLessThan(5 * 1.44);
  });
});
