import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { crossEntropy } from "../../../../src/engine/ops/crossEntropy.ts";
import { normal } from "../../../evaluate.ts";
import { BACKENDS, expectSame } from "./oracle.ts";

const TARGETS = [
  [0, 1, 0, 0],
  [0, 0, 0, 1],
  [1, 0, 0, 0],
];

describe.each(BACKENDS)("on %s", (backend) => {
  it("crossEntropy sums -log softmax at the labels, with the stock gradient", async () => {
    await expectSame({
      backend,
      inputs: [normal([3, 4])],
      operation: (logits: tf.Tensor2D) => crossEntropy(logits, tf.tensor2d(TARGETS)),
      oracle: (logits) => tf.neg(tf.sum(tf.mul(tf.tensor2d(TARGETS), tf.logSoftmax(logits)))),
    });
  });

  it("crossEntropy is finite where the label's exponential is not", async () => {
    await tf.setBackend(backend);
    const logits = tf.tensor2d([[1000, 0, 0, 1000]]);
    const [loss] = await crossEntropy(logits, tf.tensor2d([[0, 1, 0, 0]])).data();
    expect(loss).toBeCloseTo(1000 + Math.log(2), 3);
  });
});
