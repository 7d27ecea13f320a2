import "@tensorflow/tfjs";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { presetConfig } from "../../../src/engine/config/presets.ts";
import { OPERATION_NAMES } from "../../bench/stock/figures.ts";
import { measuredOperation } from "../../bench/stock/operations.ts";
import { ddimDenoiser, fusedTrainer, stockTrainer } from "../../bench/stock/training.ts";
import { relativeError } from "../../relativeError.ts";

// Another copy of TensorFlow.js than the one that Node loads, which has them from the import above.
vi.mock("@tensorflow/tfjs-core/dist/register_all_gradients", () => ({}));

const CONFIG = { ...presetConfig("tiny"), dim: 4, batchSize: 2, classes: 10 };

beforeAll(async () => {
  Object.assign(tf.findBackend("cpu"), { firstUse: false });
  await tf.setBackend("cpu");
});

describe("the two sides of the benchmark", () => {
  it("train the same network: their first losses are the same", async () => {
    const before = tf.memory().numTensors;
    const fused = fusedTrainer(CONFIG, 3);
    const stock = stockTrainer(CONFIG);
    const [ours, theirs] = [await fused.step(), await stock.step()];
    expect(ours.loss).toBeGreaterThan(0);
    expect(theirs.loss).toBeCloseTo(ours.loss, 5);
    for (const { jsMs, stepMs } of [ours, theirs]) expect(jsMs).toBeLessThanOrEqual(stepMs);
    fused.dispose();
    stock.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it("denoise, and leave no tensor", async () => {
    const before = tf.memory().numTensors;
    const denoiser = ddimDenoiser(CONFIG, 2);
    expect(await denoiser.step("fused")).toBeGreaterThan(0);
    expect(await denoiser.step("stock")).toBeGreaterThan(0);
    denoiser.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it.each(OPERATION_NAMES)("compute the same at %s, and leave no tensor", async (name) => {
    const before = tf.memory().numTensors;
    // TensorFlow.js' gradient of upsampling is wrong on this backend for more images than one.
    const batchSize = name === "upsampling" ? 1 : CONFIG.batchSize;
    const { sides, dispose } = measuredOperation(name, { ...CONFIG, batchSize });
    const [fused, stock] = [sides.fused(), sides.stock()];
    // The optimizers differ: ours clips, and gives the norm.
    if (name !== "optimizerStep") {
      expect(fused.shape).toEqual(stock.shape);
      expect(relativeError(fused.dataSync(), stock.dataSync())).toBeLessThan(1e-5);
    }
    tf.dispose([fused, stock]);
    dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});
