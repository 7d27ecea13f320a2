import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-wasm";
import { beforeAll, describe, expect, it } from "vitest";
import { clipByGlobalNorm, globalNorm } from "../../../../src/engine/optim/clip.ts";
import { randomNormals } from "../../../../src/engine/random.ts";

beforeAll(async () => {
  await tf.setBackend("wasm");
});

async function clipped(values: number[], maxNorm: number): Promise<number[]> {
  const gradient = tf.tensor1d(values);
  return Array.from(
    await clipByGlobalNorm(gradient, { norm: globalNorm(gradient), maxNorm }).data(),
  );
}

describe("clipping by the global norm", () => {
  it("measures the Euclidean length of the whole gradient", async () => {
    expect((await globalNorm(tf.tensor1d([3, 0, -4])).data())[0]).toBeCloseTo(5, 5);
  });

  it("measures millions of small values as exactly as a few", async () => {
    const values = randomNormals({ seed: 0, stream: "weights", index: 0 }, 5_000_001);
    const exact = Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0));
    const [norm] = await globalNorm(tf.tensor1d(values)).data();
    expect(Math.abs((norm as number) / exact - 1)).toBeLessThan(1e-6);
  });

  it("shortens a longer gradient to the limit and keeps its direction", async () => {
    const [x, y] = (await clipped([30, -40], 1)) as [number, number];
    expect(x).toBeCloseTo(0.6, 5);
    expect(y).toBeCloseTo(-0.8, 5);
  });

  it("leaves a shorter gradient as it is", async () => {
    expect(await clipped([0.25, -0.5], 1)).toEqual([0.25, -0.5]);
  });

  it("leaves a zero gradient zero", async () => {
    expect(await clipped([0, 0], 1)).toEqual([0, 0]);
  });
});
