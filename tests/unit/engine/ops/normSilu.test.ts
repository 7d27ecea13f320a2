import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { rmsNorm, rmsNormSilu } from "../../../../src/engine/ops/normSilu.ts";
import { type ArrayValue, evaluate, normal } from "../../../evaluate.ts";
import { BACKENDS, expectSame } from "./oracle.ts";

const SHAPE = [3, 4, 6, 5];

/** x / sqrt(mean of squares) * g, as Zhang and Sennrich write it. */
function stockRmsNorm(x: tf.Tensor4D, gain: tf.Tensor1D): tf.Tensor4D {
  const meanSquare = tf.mean(tf.square(x), -1, true);
  return tf.mul(tf.div(x, tf.sqrt(meanSquare)), gain);
}

function stockSilu(x: tf.Tensor): tf.Tensor {
  return tf.mul(x, tf.sigmoid(x));
}

function withFilm(x: tf.Tensor4D, gain: tf.Tensor1D, film: tf.Tensor2D): tf.Tensor4D {
  return rmsNormSilu(x, gain, { film });
}

function withoutExtras(x: tf.Tensor4D, gain: tf.Tensor1D): tf.Tensor4D {
  return rmsNorm(x, gain);
}

/** Images in which one position has a zero in every channel. */
function withZeroVector(): ArrayValue {
  const x = normal(SHAPE);
  x.values.fill(0, 10, 15);
  return x;
}

describe.each(BACKENDS)("on %s", (backend) => {
  it("rmsNorm divides by the root of the mean square over the channels", async () => {
    await expectSame({
      backend,
      inputs: [normal(SHAPE), normal([5])],
      operation: withoutExtras,
      oracle: stockRmsNorm,
    });
  });

  it("rmsNorm does not depend on the length of the vectors", async () => {
    const x = normal(SHAPE);
    const longer = { ...x, values: x.values.map((value) => value * 1000) };
    const [a, b] = [
      await evaluate(backend, [x, normal([5])], withoutExtras),
      await evaluate(backend, [longer, normal([5])], withoutExtras),
    ];
    b.value.values.forEach((value, i) => {
      expect(value).toBeCloseTo(a.value.values[i] as number, 4);
    });
  });

  it("rmsNorm leaves a zero vector zero, with finite gradients", async () => {
    const { value, gradients } = await evaluate(
      backend,
      [withZeroVector(), normal([5])],
      withoutExtras,
    );
    expect(value.values.slice(10, 15).every((y) => y === 0)).toBe(true);
    for (const { values } of [value, ...gradients])
      expect(values.every(Number.isFinite)).toBe(true);
  });

  it("rmsNormSilu without FiLM is SiLU after RMSNorm", async () => {
    await expectSame({
      backend,
      inputs: [normal(SHAPE), normal([5])],
      operation: (x: tf.Tensor4D, gain: tf.Tensor1D) => rmsNormSilu(x, gain),
      oracle: (x: tf.Tensor4D, gain: tf.Tensor1D) => stockSilu(stockRmsNorm(x, gain)),
    });
  });

  it("rmsNormSilu with FiLM scales by 1 + the first half and shifts by the second", async () => {
    await expectSame({
      backend,
      inputs: [normal(SHAPE), normal([5]), normal([3, 10])],
      operation: withFilm,
      oracle: (x: tf.Tensor4D, gain: tf.Tensor1D, film: tf.Tensor2D) => {
        const [scale, shift] = tf.split(tf.reshape(film, [3, 1, 1, 10]), 2, 3) as tf.Tensor[];
        const v = tf.mul(stockRmsNorm(x, gain), tf.add(scale as tf.Tensor, 1));
        return stockSilu(tf.add(v, shift as tf.Tensor));
      },
    });
  });

  it("both add what they are given", async () => {
    const inputs = [normal(SHAPE), normal([5]), normal(SHAPE, 1)];
    await expectSame({
      backend,
      inputs,
      operation: (x: tf.Tensor4D, gain: tf.Tensor1D, addend: tf.Tensor4D) =>
        rmsNormSilu(rmsNorm(x, gain, { addend }), gain, { addend }),
      oracle: (x: tf.Tensor4D, gain: tf.Tensor1D, addend: tf.Tensor4D) => {
        const inner = tf.add<tf.Tensor4D>(stockRmsNorm(x, gain), addend);
        return tf.add(stockSilu(stockRmsNorm(inner, gain)), addend);
      },
    });
  });

  it("the gradient of an input that is the addend as well is the sum of both", async () => {
    await expectSame({
      backend,
      inputs: [normal(SHAPE), normal([5])],
      operation: (x: tf.Tensor4D, gain: tf.Tensor1D) => rmsNorm(x, gain, { addend: x }),
      oracle: (x: tf.Tensor4D, gain: tf.Tensor1D) => tf.add(stockRmsNorm(x, gain), x),
    });
  });

  it("rmsNormSilu is the shift's SiLU at a zero vector, with finite gradients", async () => {
    const film = normal([3, 10]);
    const inputs = [withZeroVector(), normal([5]), film];
    const { value, gradients } = await evaluate(backend, inputs, withFilm);
    Array.from(film.values.slice(5, 10)).forEach((shift, channel) => {
      expect(value.values[10 + channel]).toBeCloseTo(shift / (1 + Math.exp(-shift)), 5);
    });
    for (const { values } of [value, ...gradients])
      expect(values.every(Number.isFinite)).toBe(true);
  });
});
