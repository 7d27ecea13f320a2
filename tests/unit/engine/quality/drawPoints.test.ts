import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-wasm";
import { beforeAll, expect, it } from "vitest";
import { drawPoints } from "../../../../src/engine/quality/drawPoints.ts";
import { denoiserOf } from "../../../../src/engine/train/gradient.ts";
import { smallConfig } from "../train/smallRun.ts";

beforeAll(async () => {
  await tf.setBackend("wasm");
});

const CONFIG = smallConfig({
  architecture: "perceptron",
  width: 8,
  depth: 1,
  objective: "flow",
  timesteps: 10,
});

it("points follow from the seed, whatever their number, and are freed on the way", async () => {
  const denoiser = denoiserOf(CONFIG, null);
  const sampler = { kind: "ddim", timesteps: 5, spacing: "even" } as const;
  const draw = (count: number, seed = 3) => drawPoints({ denoiser, sampler, seed, count });
  await draw(1);
  const { numTensors } = tf.memory();
  const many = await draw(250);
  expect(many).toHaveLength(500);
  expect(many.every(Number.isFinite)).toBe(true);
  // No two groups are the same.
  expect(new Set(many).size).toBeGreaterThan(490);
  const few = await draw(40);
  for (const [i, value] of few.entries()) expect(value).toBeCloseTo(many[i] as number, 4);
  expect(await draw(40, 4)).not.toEqual(few);
  expect(tf.memory().numTensors).toBe(numTensors);
});
