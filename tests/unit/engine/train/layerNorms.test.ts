import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-wasm";
import { beforeAll, describe, expect, it } from "vitest";
import { presetConfig } from "../../../../src/engine/config/presets.ts";
import { layerGroups, layerNames } from "../../../../src/engine/nn/layerGroups.ts";
import { totalElements } from "../../../../src/engine/nn/parameters.ts";
import { createUnet } from "../../../../src/engine/nn/unet.ts";
import { layerNorms } from "../../../../src/engine/train/liveValidation.ts";
import { samplerValues, smallConfig, smallSession, takeSteps } from "./smallRun.ts";

beforeAll(async () => {
  await tf.setBackend("wasm");
});

describe("the layers whose norms are reported", () => {
  it("are the network's modules, those of a level together, and cover all parameters once", () => {
    const config = { ...presetConfig("assignment"), classes: 10 };
    expect(layerNames(config)).toEqual([
      ...["init_conv", "time_mlp", "downs.0", "downs.1", "downs.2", "mid"],
      ...["ups.0", "ups.1", "ups.2", "final_res_block", "final_conv", "label_emb"],
    ]);
    const { parameters } = createUnet(config);
    const groups = layerGroups(parameters);
    expect(groups.map(({ start }) => start)).toEqual([
      0,
      ...groups.slice(0, -1).map(({ end }) => end),
    ]);
    expect(groups.at(-1)?.end).toBe(totalElements(parameters));
  });
});

it("each layer has the norm of its own part", async () => {
  const { parameters } = createUnet(smallConfig());
  const groups = layerGroups(parameters);
  const total = totalElements(parameters);
  // In each layer another value, so that a norm is that times the root of how many there are.
  const values = new Float32Array(total);
  for (const [i, { start, end }] of groups.entries()) values.fill(i + 1, start, end);
  const tensors = { gradient: tf.tensor1d(values), values: tf.tensor1d(values.map((v) => -2 * v)) };
  const { layerGradNorms, layerWeightNorms } = await layerNorms(parameters, tensors);
  for (const [i, { start, end }] of groups.entries()) {
    expect(layerGradNorms[i]).toBeCloseTo((i + 1) * Math.sqrt(end - start), 9);
    expect(layerWeightNorms[i]).toBeCloseTo(2 * (i + 1) * Math.sqrt(end - start), 9);
  }
});

describe("a run", () => {
  const normOf = (norms: readonly number[] = []) => Math.hypot(...norms);

  it("reports them with its live validations: together they are the gradient's and the weights' norm", async () => {
    const session = smallSession({ validateEvery: 2 });
    const { numTensors } = tf.memory();
    const reports = session.run();
    const [first, second] = await takeSteps(reports, 2);
    const values = await samplerValues(session);
    expect(tf.memory().numTensors).toBe(numTensors);
    // Early after an eighth, a quarter and a half of the interval: here after one step.
    for (const step of [first, second]) {
      expect(step?.layerGradNorms).toHaveLength(layerNames(smallConfig()).length);
      expect(normOf(step?.layerGradNorms) / (step?.gradNorm ?? 0)).toBeCloseTo(1, 5);
    }
    expect(normOf(second?.layerWeightNorms) / Math.hypot(...values)).toBeCloseTo(1, 6);
    expect(second?.layerWeightNorms).not.toEqual(first?.layerWeightNorms);
    session.dispose();
  });

  it("without live validations has them at the end of each epoch, and trains the same", async () => {
    const trained = async (validateEvery: number) => {
      const session = smallSession({ validateEvery, epochs: 2 });
      const steps = await takeSteps(session.run());
      const end = await samplerValues(session);
      session.dispose();
      return { steps, end, losses: steps.map(({ loss }) => loss) };
    };
    const [without, withLive] = [await trained(0), await trained(1)];
    const haveNorms = without.steps.map((step) => "layerGradNorms" in step);
    expect(haveNorms).toEqual([false, true, false, true]);
    expect(without.steps[1]?.layerWeightNorms).toEqual(withLive.steps[1]?.layerWeightNorms);
    expect(withLive.losses).toEqual(without.losses);
    expect(withLive.end).toEqual(without.end);
  });
});
