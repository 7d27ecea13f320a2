import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-wasm";
import { beforeAll, describe, expect, it } from "vitest";
import {
  byName,
  collectParameters,
  initialValues,
  numElements,
  type ParameterSpec,
  scope,
} from "../../../../src/engine/nn/parameters.ts";
import { createUnet } from "../../../../src/engine/nn/unet.ts";
import { joinGradients, splitParameters } from "../../../../src/engine/ops/parameterVector.ts";
import { relativeError } from "../../../relativeError.ts";

beforeAll(async () => {
  await tf.setBackend("wasm");
});

const { parameters } = createUnet({
  dim: 8,
  dimMults: [1, 2],
  attnHeads: 2,
  attnDimHead: 8,
  selfCondition: false,
  classes: 0,
});

/** Each parameter with its start values. */
function startValues(seed: number): [ParameterSpec, Float32Array][] {
  const values = initialValues(parameters, seed);
  let end = 0;
  return parameters.map((spec) => {
    const start = end;
    end += numElements(spec.shape);
    return [spec, values.subarray(start, end)];
  });
}

function startValuesOf(name: string, seed = 0): Float32Array {
  const found = startValues(seed).find(([spec]) => spec.name === name);
  if (!found) throw new Error(`No parameter ${name}`);
  return found[1];
}

describe("start values", () => {
  it.each([
    ["init_conv.weight", 7 * 7 * 1],
    ["init_conv.bias", 7 * 7 * 1],
    ["downs.0.0.block1.proj.weight", 3 * 3 * 8],
    ["downs.0.3.1.weight", 4 * 8],
    ["downs.0.2.to_qkv.weight", 8],
    ["mid_block1.mlp.1.weight", 32],
    ["ups.0.0.block1.proj.bias", 3 * 3 * (16 + 8)],
  ])("of %s fill +-1/sqrt(%i) evenly", (name, fanIn) => {
    const values = startValuesOf(name);
    const bound = 1 / Math.sqrt(fanIn);
    const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    expect(largest).toBeLessThanOrEqual(Math.fround(bound));
    expect(largest).toBeGreaterThan(0.8 * bound);
    const meanSquare = values.reduce((sum, value) => sum + value ** 2, 0) / values.length;
    // Of a uniform distribution's square: mean bound^2 / 3, standard deviation bound^2 sqrt(4/45).
    const sigma = bound ** 2 * Math.sqrt(4 / 45 / values.length);
    expect(Math.abs(meanSquare - bound ** 2 / 3)).toBeLessThan(4 * sigma);
  });

  it("of every gain are one", () => {
    const gains = startValues(0).filter(([{ name }]) => name.endsWith(".g"));
    expect(gains.length).toBeGreaterThan(20);
    for (const [, values] of gains) expect(values.every((value) => value === 1)).toBe(true);
  });

  it("of every memory are standard normal", () => {
    const memories = startValues(0).filter(([{ name }]) => name.endsWith("mem_kv"));
    expect(memories).toHaveLength(5);
    const values = memories.flatMap(([, memory]) => Array.from(memory));
    const meanSquare = values.reduce((sum, value) => sum + value ** 2, 0) / values.length;
    expect(Math.abs(meanSquare - 1)).toBeLessThan(4 * Math.sqrt(2 / values.length));
  });

  it("repeat for a seed and differ for another", () => {
    const values = initialValues(parameters, 5);
    expect(relativeError(initialValues(parameters, 5), values)).toBe(0);
    expect(startValuesOf("init_conv.weight", 5)).not.toEqual(startValuesOf("init_conv.weight", 6));
  });

  it("differ between layers of the same shape", () => {
    expect(startValuesOf("mid_block1.block1.proj.weight")).not.toEqual(
      startValuesOf("mid_block2.block1.proj.weight"),
    );
  });
});

describe("a parameter that a network has announced", () => {
  const spec: ParameterSpec = { name: "g", shape: [3], layout: "gain", init: { kind: "ones" } };

  it("is found by its name with all prefixes", () => {
    const specs: ParameterSpec[] = [];
    const read = scope(scope(collectParameters(specs), "downs.0"), 1)(spec);
    const value = tf.ones([3]);
    expect(specs.map(({ name }) => name)).toEqual(["downs.0.1.g"]);
    expect(read(byName(specs, [value]))).toBe(value);
  });

  it("is named when it has no value", () => {
    const read = collectParameters([])(spec);
    expect(() => read(new Map())).toThrow("no value for its parameter g");
  });
});

describe("parameters in one vector", () => {
  it("are split and joined without change", async () => {
    const flat = initialValues(parameters, 0);
    const parts = splitParameters(parameters, tf.tensor1d(flat));
    expect(parts.map((part) => part.shape)).toEqual(parameters.map(({ shape }) => shape));
    expect(relativeError(await joinGradients(parameters, parts).data(), flat)).toBe(0);
  });
});
