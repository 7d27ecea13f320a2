import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { linear, linearLayers } from "../../../../src/engine/ops/linear.ts";
import { valueAndGradients, withGradient } from "../../../../src/engine/ops/tape.ts";
import { normal, tensorOf } from "../../../evaluate.ts";
import { BACKENDS, expectSame } from "./oracle.ts";

describe.each(BACKENDS)("on %s", (backend) => {
  it("linear is x W + b with its three gradients", async () => {
    await expectSame({
      backend,
      inputs: [normal([3, 5]), normal([5, 4]), normal([4])],
      operation: (x: tf.Tensor2D, weight: tf.Tensor2D, bias: tf.Tensor1D) =>
        linear(x, weight, bias),
      oracle: (x, weight, bias) => tf.add(tf.matMul(x, weight), bias),
    });
  });

  it.each([
    ["silu", (x: tf.Tensor) => tf.mul(x, tf.sigmoid(x))],
    ["gelu", (x: tf.Tensor) => tf.mul(x, tf.add(0.5, tf.mul(0.5, tf.erf(tf.div(x, Math.SQRT2)))))],
  ] as const)("linear with %s is that of x, W and b", async (activation, f) => {
    await expectSame({
      backend,
      inputs: [normal([3, 5]), normal([5, 4]), normal([4])],
      operation: (x: tf.Tensor2D, weight: tf.Tensor2D, bias: tf.Tensor1D) =>
        linear(x, weight, bias, activation),
      oracle: (x, weight, bias) => tf.add(tf.matMul(f(x), weight), bias),
    });
  });

  it("a gradient that x has already is added, and the one of x is left out where nothing needs it", async () => {
    await tf.setBackend(backend);
    const [x, weight, bias] = [[3, 5], [5, 4], [4]].map((shape) => tensorOf(normal(shape))) as [
      tf.Tensor2D,
      tf.Tensor2D,
      tf.Tensor1D,
    ];
    const gradientsOf = (variables: tf.Tensor[], used: (y: tf.Tensor) => tf.Tensor[]) =>
      valueAndGradients(() => {
        const terms = used(linear(x, weight, bias, "gelu"));
        return withGradient<tf.Scalar>(terms, () => ({
          value: tf.scalar(0),
          gradient: () => terms.map((term) => tf.onesLike(term)),
        }));
      }, variables).gradients.map((gradient) => Array.from(gradient.dataSync()));
    const all = gradientsOf([x, weight, bias], (y) => [y]);
    expect(gradientsOf([weight, bias], (y) => [y])).toEqual(all.slice(1));
    const [dX] = gradientsOf([x], (y) => [y, x]);
    expect(dX?.map((slope) => slope - 1)).toEqual(all[0]?.map((slope) => expect.closeTo(slope, 5)));
  });

  it("linearLayers are several of these, whose gradients of x add up", async () => {
    await expectSame({
      backend,
      inputs: [normal([3, 5]), normal([5, 4]), normal([4]), normal([5, 2]), normal([2])],
      operation: (x: tf.Tensor2D, ...[w0, b0, w1, b1]: tf.Tensor[]) => {
        const layers = [
          { weight: w0 as tf.Tensor2D, bias: b0 as tf.Tensor1D },
          { weight: w1 as tf.Tensor2D, bias: b1 as tf.Tensor1D },
        ];
        const ys = linearLayers(x, layers);
        return withGradient(ys, () => ({
          value: tf.concat(ys, 1),
          gradient: (dy) => tf.split(dy, [4, 2], 1),
        }));
      },
      oracle: (x, w0, b0, w1, b1) =>
        tf.concat([tf.add(tf.matMul(x, w0), b0), tf.add(tf.matMul(x, w1), b1)], 1),
    });
  });

  it("of layers that nothing is made of, the gradient is zero", async () => {
    await tf.setBackend(backend);
    const [x, weight, bias] = [tf.ones([1, 2]), tf.ones([2, 1]), tf.ones([1])] as const;
    const [unused, unusedBias] = [tf.ones<tf.Rank.R2>([2, 3]), tf.ones<tf.Rank.R1>([3])] as const;
    const loss = () => {
      const layers = [
        { weight: weight as tf.Tensor2D, bias: bias as tf.Tensor1D },
        { weight: unused, bias: unusedBias },
      ];
      const [y] = linearLayers(x as tf.Tensor2D, layers) as [tf.Tensor2D];
      return withGradient<tf.Scalar>([y], () => ({
        value: tf.sum(y),
        gradient: () => [tf.onesLike(y)],
      }));
    };
    const { gradients } = valueAndGradients(loss, [x, weight, bias, unused, unusedBias]);
    expect(gradients.map((gradient) => Array.from(gradient.dataSync()))).toEqual([
      [1, 1],
      [1, 1],
      [1],
      [0, 0, 0, 0, 0, 0],
      [0, 0, 0],
    ]);
  });
});
