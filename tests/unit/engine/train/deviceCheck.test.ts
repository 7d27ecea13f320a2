import "@tensorflow/tfjs";
import "@tensorflow/tfjs-backend-wasm";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import {
  checkDevice,
  failureOf,
  WrongNumbersError,
} from "../../../../src/engine/train/deviceCheck.ts";
import { inFull } from "../../../inFull.ts";
import { smallConfig } from "./smallRun.ts";

const CHANGES = { classes: 3, selfCondition: true } as const;

beforeAll(async () => {
  await tf.setBackend("cpu");
});

describe("a device is checked", () => {
  const startReference = vi.fn(async () => void (await tf.setBackend("wasm")));

  it.each(inFull ? [1, 2, 5] : [2])(
    "and passes where it computes what the reference does, with %d images",
    async (numImages) => {
      const numTensors = tf.memory().numTensors;
      await checkDevice(smallConfig(CHANGES), { numImages, startReference });
      expect(startReference).toHaveBeenCalled();
      expect(tf.getBackend()).toBe("cpu");
      expect(tf.memory().numTensors).toBe(numTensors);
    },
  );

  it("and fails where one operation is wrong, and its backend stays", async () => {
    const real = tf.getKernel("Conv2D", "cpu") as tf.KernelConfig;
    tf.unregisterKernel("Conv2D", "cpu");
    const kernelFunc: tf.KernelFunc = (params) => {
      const result = real.kernelFunc(params) as tf.TensorInfo;
      const data = (params.backend as { data: tf.DataStorage<{ values: Float32Array }> }).data;
      data.get(result.dataId).values[0] = 3;
      return result;
    };
    tf.registerKernel({ ...real, kernelFunc });
    onTestFinished(() => {
      tf.unregisterKernel("Conv2D", "cpu");
      tf.registerKernel(real);
    });
    const check = checkDevice(smallConfig(CHANGES), { numImages: 2, startReference });
    await expect(check).rejects.toThrow(WrongNumbersError);
    expect(tf.getBackend()).toBe("cpu");
  });

  it("in vain where the reference does not start, and its backend stays", async () => {
    const startReference = () => Promise.reject(new Error("no WebAssembly"));
    const check = checkDevice(smallConfig(CHANGES), { numImages: 2, startReference });
    await expect(check).rejects.toThrow("no WebAssembly");
    expect(tf.getBackend()).toBe("cpu");
  });
});

describe("what is wrong is named:", () => {
  const parameters = [
    { name: "first", shape: [2], layout: "vector", init: "zeros" },
    { name: "last", shape: [3], layout: "vector", init: "zeros" },
  ] as unknown as Parameters<typeof failureOf>[0];
  const gradient = [1, -2, 3, 0.5, -1];
  const passOf = (values = gradient, loss = 1) => ({ loss, gradient: Float32Array.from(values) });
  const failure = (computed = passOf(), again = computed, expected = passOf()) =>
    failureOf(parameters, { passes: [computed, again], expected, maxError: 1e-3 });

  it("nothing where all is the same, or as near as rounding", () => {
    expect(failure()).toBeNull();
    expect(failure(passOf(gradient.map((value) => value * 1.0005)))).toBeNull();
    // What should be zero is compared with the whole.
    expect(
      failure(passOf([1e-8, 0, 3, 0.5, -1]), undefined, passOf([0, 0, 3, 0.5, -1])),
    ).toBeNull();
  });

  it.each([
    [
      "two passes that differ",
      failure(passOf(), passOf([1, -2, 3, 0.5, -1.0001])),
      /two passes.*differ/,
    ],
    ["two losses that differ", failure(passOf(), passOf(gradient, 1.0001)), /two passes.*differ/],
    ["the loss", failure(passOf(gradient, 1.01)), /loss is 1.01 instead of 1\./],
    ["a loss that is no number", failure(passOf(gradient, Number.NaN)), /loss is NaN/],
    ["a gradient of zero", failure(passOf([0, 0, 3, 0.5, -1])), /1 of 2 .*first by being zero/],
    [
      "one that is no number",
      failure(passOf([1, -2, Number.NaN, 0.5, -1])),
      /last by .* not finite/,
    ],
    ["an infinite one", failure(passOf([1, -2, 3, Number.POSITIVE_INFINITY, -1])), /not finite/],
    ["a wrong one", failure(passOf([1.1, -2, 3, 0.5, -1])), /first by 0.045 of its size/],
    ["all", failure(passOf([2, -4, 6, 1, -2])), /2 of 2 .*last by 1.0 of its size/],
  ])("%s", (_, words, expected) => {
    expect(words).toMatch(expected);
  });
});
