import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { conv2d } from "../../../../src/engine/ops/conv.ts";
import { normal } from "../../../evaluate.ts";
import { BACKENDS, expectSame } from "./oracle.ts";

const stock = (x: tf.Tensor4D, kernel: tf.Tensor4D) => tf.conv2d(x, kernel, 1, "same");

describe.each(BACKENDS)("conv2d on %s", (backend) => {
  describe.each([1, 3, 7])("with a kernel of %i", (k) => {
    it("is the stock convolution, and so are its gradients", async () => {
      await expectSame({
        backend,
        inputs: [normal([3, 6, 9, 5]), normal([k, k, 5, 2])],
        operation: (x: tf.Tensor4D, kernel: tf.Tensor4D) => conv2d(x, kernel),
        oracle: stock,
      });
    });

    it("adds the bias", async () => {
      await expectSame({
        backend,
        inputs: [normal([3, 8, 5, 1]), normal([k, k, 1, 7]), normal([7])],
        operation: (x: tf.Tensor4D, kernel: tf.Tensor4D, bias: tf.Tensor1D) =>
          conv2d(x, kernel, { bias }),
        oracle: (x: tf.Tensor4D, kernel: tf.Tensor4D, bias: tf.Tensor1D) =>
          tf.add(stock(x, kernel), bias),
      });
    });

    it("takes several inputs as if they were concatenated", async () => {
      await expectSame({
        backend,
        inputs: [
          normal([3, 4, 6, 5]),
          normal([3, 4, 6, 2]),
          normal([3, 4, 6, 1]),
          normal([k, k, 8, 3]),
          normal([3]),
        ],
        operation: (...args: tf.Tensor[]) =>
          conv2d(args.slice(0, 3) as tf.Tensor4D[], args[3] as tf.Tensor4D, {
            bias: args[4] as tf.Tensor1D,
          }),
        oracle: (...args: tf.Tensor[]) => {
          const x = tf.concat(args.slice(0, 3) as tf.Tensor4D[], 3);
          return tf.add(stock(x, args[3] as tf.Tensor4D), args[4] as tf.Tensor1D);
        },
      });
    });
  });

  it("adds what it is given, also its own input", async () => {
    await expectSame({
      backend,
      inputs: [normal([2, 4, 3, 5]), normal([3, 3, 5, 5]), normal([2, 4, 3, 5], 1)],
      operation: (x: tf.Tensor4D, kernel: tf.Tensor4D, other: tf.Tensor4D) =>
        conv2d(conv2d(x, kernel, { addend: x }), kernel, { addend: other }),
      oracle: (x: tf.Tensor4D, kernel: tf.Tensor4D, other: tf.Tensor4D) =>
        tf.add(stock(tf.add(stock(x, kernel), x), kernel), other),
    });
  });

  it("gives the number that one multiplies out by hand", async () => {
    await tf.setBackend(backend);
    const x = tf.tensor4d([1, 2, 3, 4], [1, 2, 2, 1]);
    const kernel = tf.tensor4d([1, 2, 3, 4, 5, 6, 7, 8, 9], [3, 3, 1, 1]);
    const values = await conv2d(x, kernel, { bias: tf.tensor1d([0.5]) }).data();
    // The kernel is not turned: the 9 meets the pixel to the lower right.
    expect(Array.from(values)).toEqual([77.5, 67.5, 47.5, 37.5]);
  });
});
