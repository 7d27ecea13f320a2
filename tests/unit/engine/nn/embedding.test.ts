import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-wasm";
import { beforeAll, describe, expect, it } from "vitest";
import { sinusoidalEmbedding } from "../../../../src/engine/nn/embedding.ts";

beforeAll(async () => {
  await tf.setBackend("wasm");
});

describe("the sinusoidal embedding", () => {
  it("is all sines 0 and cosines 1 at t = 0", async () => {
    expect(await sinusoidalEmbedding([0], 8).array()).toEqual([[0, 0, 0, 0, 1, 1, 1, 1]]);
  });

  it("turns at frequencies from 1 to 1/10000, a geometric series", async () => {
    const dim = 32;
    const timesteps = [1, 7, 500, 999];
    const rows = await sinusoidalEmbedding(timesteps, dim).array();
    timesteps.forEach((t, row) => {
      for (let i = 0; i < 16; i++) {
        const angle = t * 10_000 ** (-i / 15);
        // In float32 the angle 999 is known to 3e-5.
        expect(rows[row]?.[i]).toBeCloseTo(Math.sin(angle), 3.9);
        expect(rows[row]?.[16 + i]).toBeCloseTo(Math.cos(angle), 3.9);
      }
    });
  });

  it("takes the narrowest width, two frequencies", async () => {
    const [row] = await sinusoidalEmbedding([1000], 4).array();
    const expected = [Math.sin(1000), Math.sin(0.1), Math.cos(1000), Math.cos(0.1)];
    expected.forEach((value, i) => {
      expect(row?.[i]).toBeCloseTo(value, 5);
    });
  });
});
