import "@tensorflow/tfjs";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { conv2d } from "../../../src/engine/ops/conv.ts";
import { linear } from "../../../src/engine/ops/linear.ts";
import { asStock } from "../../bench/stock/asStock.ts";

beforeAll(async () => {
  Object.assign(tf.findBackend("cpu"), { firstUse: false });
  await tf.setBackend("cpu");
});

describe("as stock", () => {
  it("operations are differentiated by TensorFlow.js, which else sees none of them", () => {
    const x = tf.ones<tf.Rank.R4>([1, 4, 4, 1]);
    const kernel = tf.ones<tf.Rank.R4>([3, 3, 1, 2]);
    const operation = (image: tf.Tensor) => conv2d(image as tf.Tensor4D, kernel);
    const gradient = asStock(() => tf.grad(operation)(x));
    // In the middle, both channels of all nine pixels.
    expect(gradient.arraySync()).toHaveProperty([0, 1, 1, 0], 18);
    expect(gradient.arraySync()).toHaveProperty([0, 0, 0, 0], 8);
  });

  it("a backend's own kernel is not used", () => {
    const kernel = () => {
      throw new Error("The kernel was used.");
    };
    const config = { kernelName: "Linear", backendName: "cpu", kernelFunc: kernel };
    tf.registerKernel(config);
    const [x, bias] = [tf.ones<tf.Rank.R2>([1, 1]), tf.ones<tf.Rank.R1>([1])];
    const step = () => linear(x, x, bias);
    expect(step).toThrow("The kernel was used.");
    expect(asStock(step).dataSync()[0]).toBe(2);
    const failing = () => {
      throw new Error("No.");
    };
    expect(() => asStock(failing)).toThrow("No.");
    // It is there again, also after an error.
    expect(step).toThrow("The kernel was used.");
    tf.unregisterKernel("Linear", "cpu");
  });
});
