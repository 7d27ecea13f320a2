import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { pixelUnshuffle, upsampleNearest } from "../../../../src/engine/ops/resample.ts";
import { normal } from "../../../evaluate.ts";
import { BACKENDS, expectSame } from "./oracle.ts";

describe.each(BACKENDS)("on %s", (backend) => {
  it("pixelUnshuffle orders the channels by row, column, channel", async () => {
    await tf.setBackend(backend);
    // Two channels, 10 x pixel + channel; pixels 0 1 | 2 3 over 4 5 | 6 7.
    const values = [0, 1, 2, 3, 4, 5, 6, 7].flatMap((pixel) => [10 * pixel, 10 * pixel + 1]);
    const y = pixelUnshuffle(tf.tensor4d(values, [1, 2, 4, 2]));
    expect(await y.array()).toEqual([
      [
        [
          [0, 1, 10, 11, 40, 41, 50, 51],
          [20, 21, 30, 31, 60, 61, 70, 71],
        ],
      ],
    ]);
  });

  it("pixelUnshuffle has the gradient of picking the pixels", async () => {
    await expectSame({
      backend,
      inputs: [normal([3, 4, 6, 5])],
      operation: pixelUnshuffle,
      oracle: (x) => {
        const pick = (row: number, column: number) =>
          tf.gather(tf.gather(x, [row, row + 2], 1), [column, column + 2, column + 4], 2);
        return tf.concat([pick(0, 0), pick(0, 1), pick(1, 0), pick(1, 1)], 3);
      },
    });
  });

  it("upsampleNearest makes every pixel a square, and its gradient sums the square", async () => {
    await expectSame({
      backend,
      inputs: [normal([3, 2, 4, 5])],
      operation: upsampleNearest,
      oracle: (x) => {
        const rows = tf.reshape(tf.stack([x, x], 2), [3, 4, 4, 5]);
        return tf.reshape(tf.stack([rows, rows], 3), [3, 4, 8, 5]);
      },
    });
  });
});
