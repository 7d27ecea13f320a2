import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { diffusionLoss, lossPerImage } from "../../../../src/engine/ops/diffusionLoss.ts";
import { withGradient } from "../../../../src/engine/ops/tape.ts";
import { normal, tensorOf } from "../../../evaluate.ts";
import { BACKENDS, expectSame } from "./oracle.ts";

const SHAPE = [3, 5, 4, 1];
const target = normal(SHAPE, 1);
const weights = { shape: [3, 1, 1, 1], values: new Float32Array([0.5, 0, 2]) };

describe.each(BACKENDS)("on %s", (backend) => {
  it("diffusionLoss sums weight x mean squared error, with the stock gradient", async () => {
    await expectSame({
      backend,
      inputs: [normal(SHAPE)],
      operation: (v: tf.Tensor4D) =>
        withGradient([v], () => {
          const { loss, slope } = diffusionLoss(v, tensorOf(target), tensorOf(weights));
          return { value: loss, saved: [slope], gradient: (dy) => [tf.mul(slope, dy)] };
        }),
      oracle: (v) => {
        const squares = tf.squaredDifference(v, tensorOf(target));
        const perImage = tf.mean(tf.reshape(squares, [3, 20]), 1);
        return tf.sum(tf.mul(perImage, tf.tensor1d([0.5, 0, 2])));
      },
    });
  });

  it("has a loss of weight x error^2 for an error that is the same everywhere", async () => {
    await tf.setBackend(backend);
    const prediction = tf.fill<tf.Rank.R4>([3, 5, 4, 1], 4);
    const zero = tf.zerosLike(prediction);
    const losses = await lossPerImage(prediction, zero, tensorOf(weights)).data();
    expect(Array.from(losses)).toEqual([8, 0, 32]);
    const [sum] = await diffusionLoss(prediction, zero, tensorOf(weights)).loss.data();
    expect(sum).toBeCloseTo(40, 4);
  });

  it("is the sum of lossPerImage", async () => {
    await tf.setBackend(backend);
    const args = [tensorOf(normal(SHAPE)), tensorOf(target), tensorOf(weights)] as [
      tf.Tensor4D,
      tf.Tensor4D,
      tf.Tensor4D,
    ];
    const losses = await lossPerImage(...args).data<"float32">();
    const [sum] = await diffusionLoss(...args).loss.data();
    expect(sum).toBeCloseTo(
      losses.reduce((total, loss) => total + loss, 0),
      4,
    );
  });
});
